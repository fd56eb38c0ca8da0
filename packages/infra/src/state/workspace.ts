import { join } from 'node:path';

/** The workspace that this file is a part of. */
export const WORKSPACE = join(import.meta.dirname, '../../../..');
