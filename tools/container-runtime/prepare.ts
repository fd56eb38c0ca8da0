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
  const buckets = text(values.storage) ?? 'local_ssd';
  return [
    'clickhouse',
    'keeper',
    ...(airflow ? (['postgres', 'redis', 'airflow'] as const) : []),
    ...(buckets === 'local_ssd' ? [] : (['minio'] as const)),
  ];
}

if (await usesContainers()) {
  // The native runtime need not wait until all of this is read.
  const { cacheFolder } = await import('@provehouse/infra');
  const { provideImages } = await import('../images/provide-images.ts');
  const { providerMirror } = await import('../provider-mirror/provider-mirror.ts');
  const progress = (message: string): boolean => process.stderr.write(`${message}\n`);
  const cache = cacheFolder(process.env);
  const environment = process.env;
  await Promise.all([
    provideImages(neededImages(), { cache, progress, environment }),
    providerMirror({ cache, progress, environment }),
  ]);
}
