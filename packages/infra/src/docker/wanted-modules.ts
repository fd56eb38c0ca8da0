import type { StorageType } from '../clickhouse/storage.ts';
import { MODULES, type Module, type UpOptions } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';

/**
 * The modules of a platform whose nodes keep their data there, in the order of all modules: those that are
 * asked for, else those that it had, and the one with the buckets where nodes need one.
 * @throws PlatformStateError where none is asked for and one is needed, and for one without containers
 */
export function wantedModules(
  options: Pick<UpOptions, 'with'>,
  storage: StorageType,
  before: readonly Module[],
): Module[] {
  const needsBucket = storage !== 'local_ssd';
  if (needsBucket && options.with?.length === 0) {
    throw new PlatformStateError(
      `A platform of --storage ${storage} needs the module storage: expected no --with none, or --storage local_ssd for a platform without data.`,
    );
  }
  if (options.with?.includes('superset')) {
    throw new PlatformStateError(
      '--with superset is for processes: expected it without --runtime docker, because there is no container of Superset yet. One of your own gets its database with --consumer superset: docs/superset.md.',
    );
  }
  const asked = new Set(options.with ?? before);
  return MODULES.filter((module) => asked.has(module) || (module === 'storage' && needsBucket));
}
