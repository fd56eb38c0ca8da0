import { TARGETS, writeHelpSchema } from './help.ts';

await Promise.all(TARGETS.map(writeHelpSchema));
