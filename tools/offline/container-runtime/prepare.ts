import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultHome, defaultName } from '@provehouse/secrets';
import type { ImageName } from '../images/image-set.ts';

/**
 * Provides what `infra:up` needs for containers and cannot get from registries: Airflow's image, and
 * where no registry can be reached stand-ins of all others and Terraform's provider. Is given the
 * words of `infra:up`, and does nothing for the native runtime.
 */
const { values } = parseArgs({
  strict: false,
  options: {
    runtime: { type: 'string' },
    home: { type: 'string' },
    name: { type: 'string' },
    storage: { type: 'string' },
    without: { type: 'string', multiple: true },
  },
});

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** infra says what is wrong with a setting; here it only means that there is nothing to prepare. */
async function usesContainers(): Promise<boolean> {
  const asked = text(values.runtime) ?? process.env['PROVEHOUSE_RUNTIME'];
  if (asked !== undefined && asked !== '') return asked === 'docker';
  const place = {
    home: text(values.home) ?? defaultHome(process.env),
    name: text(values.name) ?? defaultName(process.env),
  };
  if (!existsSync(join(place.home, place.name, 'terraform'))) return false;
  const { runtimeInUse } = await import('@provehouse/infra');
  return (await runtimeInUse(place).catch(() => undefined)) === 'docker';
}

function neededImages(): ImageName[] {
  const airflow = !(values.without ?? []).includes('airflow');
  const buckets = ['s3_ssd', 'local_ssd_backup'].includes(text(values.storage) ?? '');
  return [
    'clickhouse',
    'keeper',
    ...(airflow ? (['postgres', 'redis', 'airflow'] as const) : []),
    ...(buckets ? (['minio'] as const) : []),
  ];
}

async function prepare(): Promise<void> {
  // The native runtime need not wait until all of this is read.
  const { cacheFolder } = await import('@provehouse/infra');
  const { hasEngine } = await import('../images/docker.ts');
  const { provideImages } = await import('../images/provide-images.ts');
  const { providerMirror } = await import('../provider-mirror/provider-mirror.ts');
  // infra says what to do without an engine.
  if (!(await hasEngine())) return;
  const progress = (message: string): boolean => process.stderr.write(`${message}\n`);
  const options = { cache: cacheFolder(process.env), progress, environment: process.env };
  await Promise.all([provideImages(neededImages(), options), providerMirror(options)]);
}

if (await usesContainers()) {
  try {
    await prepare();
  } catch (error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${cause.message}\n`);
    }
    process.exitCode = 2;
  }
}
