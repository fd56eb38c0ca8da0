import { dialectOf } from '../clickhouse/dialect.ts';
import { EngineError, type EngineChoice } from '../clickhouse/engine.ts';
import type { StorageType } from '../clickhouse/storage.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { MODULES, type Module, type UpOptions } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';

/**
 * The modules of a platform whose nodes keep their tables there, in the order of all modules: those that
 * are asked for, else those that it had, and the one that its tables need.
 * @throws PlatformStateError where none is asked for and one is needed
 */
export function wantedModules(
  options: Pick<UpOptions, 'with'>,
  storage: StorageType,
  before: readonly Module[],
): Module[] {
  if (storage === 'local_ssd_backup') {
    throw new PlatformStateError(
      '--storage local_ssd_backup is for containers: expected --runtime docker with it, found the native runtime, where --with storage is all that backups need.',
    );
  }
  if (storage === 's3_ssd' && options.with?.length === 0) {
    throw new PlatformStateError(
      'Tables that are kept as s3_ssd need the module storage: expected no --with none, or --storage local_ssd for a platform without data.',
    );
  }
  const asked = new Set(options.with ?? before);
  return MODULES.filter(
    (module) => asked.has(module) || (module === 'storage' && storage === 's3_ssd'),
  );
}

/** @throws PlatformStateError for a module that cannot run as processes */
export function refuseContainersOnly(
  descriptors: readonly ComponentDescriptor[],
  modules: readonly Module[],
): void {
  for (const { name, onlyInContainers } of descriptors) {
    if (onlyInContainers === undefined || !modules.some((module) => module === name)) continue;
    throw new PlatformStateError(
      `--with ${name} is for containers, because ${onlyInContainers}: expected --runtime docker with it, found the native runtime.`,
    );
  }
}

/** @throws EngineError for a server that knows no disks of S3 with a cache */
export function refuseWithoutDisks(engine: EngineChoice, storage: StorageType): void {
  if (storage === 'local_ssd' || engine.name === 'chdb' || dialectOf(engine.version).cachedBuckets)
    return;
  throw new EngineError(
    `Expected a ClickHouse that keeps tables in a bucket for --storage ${storage}, found ${engine.version}. Use --engine chdb or --storage local_ssd.`,
  );
}

/** @throws EngineError for a server that cannot say how it is to an account that sees nothing else */
export function refuseWithoutMetrics(engine: EngineChoice, modules: readonly Module[]): void {
  if (!modules.includes('monitoring') || engine.name === 'chdb') return;
  if (dialectOf(engine.version).metricsOverHttp) return;
  throw new EngineError(
    `Expected a ClickHouse 22.12 or later for --with monitoring, found ${engine.version}. Use --engine chdb, or leave monitoring out.`,
  );
}
