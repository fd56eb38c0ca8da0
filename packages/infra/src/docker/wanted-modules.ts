import type { StorageType } from '../clickhouse/storage.ts';
import { MODULES, type Consumer, type Module, type UpOptions } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';

/**
 * The modules of a platform whose nodes keep their data there, in the order of all modules: those that are
 * asked for, else those that it had, and the one with the buckets where nodes need one.
 * @throws PlatformStateError where none is asked for and one is needed
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
  const asked = new Set(options.with ?? before);
  return MODULES.filter((module) => asked.has(module) || (module === 'storage' && needsBucket));
}

/**
 * A database of a consumer's name is that of the module, or of such a program that somebody else runs.
 * @throws PlatformStateError where it would be both
 */
export function refuseSharedDatabase(
  modules: readonly Module[],
  consumers: readonly Consumer[],
): void {
  const both = consumers.find((consumer) => modules.includes(consumer));
  if (both === undefined) return;
  throw new PlatformStateError(
    `--with ${both}: expected a platform without --consumer ${both}, because the database of your own ${both} is the one that the module would take. Choose another --name for one of them.`,
  );
}
