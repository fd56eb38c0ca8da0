import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder in which is kept, for every checkout of this user, what takes long to get or to make. */
export const cacheFolder = () =>
  process.env.PROVEHOUSE_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'provehouse');
