import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultHome, defaultName } from '@provehouse/secrets';
import type { Images } from '@provehouse/infra';
import type { ServiceImage } from '../images/image-set.ts';
import type { AirflowChoice } from '../images/provide-images.ts';
import type { ImageSource } from '../images/registry.ts';

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
    with: { type: 'string', multiple: true },
    consumer: { type: 'string', multiple: true },
    image: { type: 'string', multiple: true },
  },
});

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const texts = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((word) => typeof word === 'string') : [];

const place = {
  home: text(values.home) ?? defaultHome(process.env),
  name: text(values.name) ?? defaultName(process.env),
};

/** infra says what is wrong with a setting; here it only means that there is nothing to prepare. */
async function usesContainers(): Promise<boolean> {
  const asked = text(values.runtime) ?? process.env['PROVEHOUSE_RUNTIME'];
  if (asked !== undefined && asked !== '') return asked === 'docker';
  if (!existsSync(join(place.home, place.name, 'terraform'))) return false;
  const { runtimeInUse, runtimeOfData } = await import('@provehouse/infra');
  const used = async (): Promise<boolean> =>
    ((await runtimeInUse(place)) ?? (await runtimeOfData(place))) === 'docker';
  return used().catch(() => false);
}

/** What is to be provided: nothing that the platform, as it was or is asked for now, does not use. */
async function needed(): Promise<{
  readonly names: readonly ServiceImage[];
  readonly chosen: Images;
  readonly airflow: AirflowChoice;
  readonly remembered: ImageSource | undefined;
}> {
  const {
    airflowGroupsOf,
    airflowImageOf,
    COMPONENTS,
    CONSUMERS,
    containerPlanOf,
    imagesUsed,
    MODULES,
    parseImages,
  } = await import('@provehouse/infra');
  const { isServiceImage } = await import('../images/image-set.ts');
  const before = await containerPlanOf(place).catch(() => undefined);
  const without = values.without === undefined ? undefined : texts(values.without);
  const storage = text(values.storage) ?? before?.storage;
  const modulesAsked = texts(values.with).flatMap((word) => word.split(','));
  const modules =
    values.with === undefined
      ? (before?.modules ?? [])
      : MODULES.filter((module) => modulesAsked.includes(module));
  const asked = [...texts(values.consumer), ...(before?.consumers ?? [])];
  return {
    names: imagesUsed(COMPONENTS, {
      ...{ shards: before?.shards ?? 2, replicas: before?.replicas ?? 2 },
      keepers: before?.keepers ?? 3,
      airflow: without === undefined ? (before?.airflow ?? true) : !without.includes('airflow'),
      storage: storage === 's3_ssd' || storage === 'local_ssd_backup' ? storage : 'local_ssd',
      consumers: [...CONSUMERS.filter((one) => asked.includes(one))],
      modules,
    }).filter(isServiceImage),
    airflow: { groups: airflowGroupsOf(modules), names: [airflowImageOf(modules)] },
    chosen: { ...before?.chosenImages, ...parseImages(texts(values.image)) },
    remembered: before && (Object.keys(before.standIns).length > 0 ? 'stand-in' : 'official'),
  };
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
  const { names, ...wishes } = await needed();
  const options = {
    cache: cacheFolder(process.env),
    progress,
    environment: process.env,
    ...wishes,
  };
  await Promise.all([provideImages(names, options), providerMirror(options)]);
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
