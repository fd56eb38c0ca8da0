import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things are kept that any checkout may use again: PROVEHOUSE_CACHE, or the user's cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return (
    environment['PROVEHOUSE_CACHE'] ??
    join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'provehouse')
  );
}
