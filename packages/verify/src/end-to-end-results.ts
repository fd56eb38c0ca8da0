import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, nameOf } from '@provehouse/infra';
import type { ResultsFolder } from './results-folder.ts';

/**
 * Lets nobody else verify the platform end to end until the block ends, and takes away the results of
 * before. @throws PlatformBusyError naming who does
 */
export async function openEndToEndResults(
  results: ResultsFolder,
  platform: string,
): Promise<AsyncDisposable> {
  const lock = await lockFile(join(results.root, 'e2e.lock'), (owner) =>
    [
      `${nameOf(owner)} has been verifying ${platform} end to end${owner ? ` since ${timeOf(owner.since)}` : ''} (verify:e2e).`,
      'Its run and that of another would rewrite the same tables: wait for it, or end it and try again.',
    ].join(' '),
  );
  for (const path of [results.allureResults, results.verdicts, results.contract]) {
    await rm(path, { recursive: true, force: true });
  }
  return lock;
}

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
