import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BuiltImage,
  GoBuildError,
  GoMissingError,
  MODULE_GROUPS,
  OFFICIAL_IMAGES,
  SUPERSET_PROJECT,
  type AirflowImage,
  type ImageName,
  type Images,
} from '@provehouse/infra';
import { findPython, findUv } from '../../setup/python.mjs';
import { baseImage } from './base-image.ts';
import { buildImage } from './build-image.ts';
import {
  airflowRecipe,
  isBuiltImage,
  SERVICE_IMAGES,
  type RegistryImage,
  STAND_INS,
  supersetRecipe,
  type ServiceImage,
} from './image-set.ts';
import { pythonPackages, type PythonPackages } from './python-packages.ts';
import { imageSource, type ImageSource } from './registry.ts';
import { pullImage } from './pull-image.ts';
import { recipeOf, type RecipeSources } from './stand-in-recipe.ts';

/** An image that was built here, and what it stands in for if it is not what teams run. */
export interface ProvidedImage {
  readonly reference: string;
  readonly standIn?: string;
}

export type ProvidedImages = Partial<Record<ServiceImage | AirflowImage, ProvidedImage>>;

/** Which of Airflow's images is built. */
export interface AirflowChoice {
  /** The groups of the lock that it has besides what every one has. */
  readonly groups: readonly string[];
  /** What it is used as. */
  readonly names: readonly AirflowImage[];
}

/** Every name that an image built here is listed under. */
export const IMAGE_LIST: readonly (ServiceImage | AirflowImage)[] = [
  ...SERVICE_IMAGES,
  'airflow-modules',
];

const PLAIN: AirflowChoice = { groups: [], names: ['airflow'] };

/** The one of a platform with modules that tasks need packages for. */
export const WITH_MODULES: AirflowChoice = {
  groups: MODULE_GROUPS,
  names: ['airflow-modules'],
};

export interface ProvideOptions extends RecipeSources {
  /** Airflow's image, where it is wanted; one without further packages unless given. */
  readonly airflow?: AirflowChoice;
  /** Images that somebody chose: they come from their registry, and nothing is built in their place. */
  readonly chosen?: Images;
  /** What the platform's data was written by. */
  readonly remembered?: ImageSource | undefined;
}

/**
 * Makes sure that the images are there: those that were chosen and the official ones from their registries,
 * those of Airflow and Superset built here, and all others built here where the engine gets none from a registry. Writes the
 * references of what was built to `images.json` in the cache, which infra reads.
 * @throws DockerError, PythonPackagesError, GoProgramError, EngineError
 */
export async function provideImages(
  names: readonly ServiceImage[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const { chosen = {}, environment, progress, remembered } = options;
  await Promise.all(
    names.map(async (name) => {
      const reference = chosen[name];
      if (reference !== undefined) await pullImage(name, reference, progress);
    }),
  );
  const missing = names.filter((name) => !Object.hasOwn(chosen, name));
  if (missing.length === 0) return {};
  const canPull = (): Promise<boolean> => pullsOne(missing, progress);
  const source = await imageSource({ environment, remembered, canPull });
  const built =
    source === 'official'
      ? await provideOfficial(missing, options)
      : await provideStandIns(missing, options);
  const before = await readRecord(options.cache);
  await record(options.cache, source === 'official' ? withoutStandIns(before) : before, built);
  return built;
}

/** From the smallest on; whichever comes first shows whether there is a registry. */
const BY_SIZE: readonly ImageName[] = [
  'redis',
  'python',
  'keeper',
  'minio',
  'kafka',
  'redis_exporter',
  'statsd_exporter',
  'verdict_exporter',
  'postgres_exporter',
  'alertmanager',
  'prometheus',
  'postgres',
  'clickhouse',
];

/** Whether the engine has, or gets, one of the official images that are needed. */
async function pullsOne(
  names: readonly ServiceImage[],
  progress: (text: string) => void,
): Promise<boolean> {
  const needed: readonly ImageName[] = names.some(isBuiltImage) ? [...names, 'python'] : names;
  const name = BY_SIZE.find((candidate) => needed.includes(candidate));
  if (name === undefined) return true;
  return pullImage(name, OFFICIAL_IMAGES[name], progress).then(
    () => true,
    (error: unknown) => {
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      progress(`The engine gets no official image, so stand-ins are built. ${String(reason)}`);
      return false;
    },
  );
}

async function provideOfficial(
  names: readonly ServiceImage[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const { progress, chosen = {} } = options;
  const pulled = names.map(async (name) => {
    if (!isBuiltImage(name)) await pullImage(name, OFFICIAL_IMAGES[name], progress);
  });
  const base = chosen.python ?? OFFICIAL_IMAGES.python;
  const unpublished = names.filter(isBuiltImage);
  const built =
    unpublished.length > 0
      ? pullImage('python', base, progress).then(() => buildAll(unpublished, base, options))
      : Promise.resolve({});
  // A failure must not leave another pull unwatched.
  await Promise.allSettled([...pulled, built]);
  await Promise.all(pulled);
  return built;
}

async function provideStandIns(
  names: readonly ServiceImage[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const { cache, progress } = options;
  const base = await baseImage(cache, progress);
  const entries = names.map(async (name): Promise<Entry[]> => {
    if (isBuiltImage(name)) {
      const { python = base } = options.chosen ?? {};
      if (python !== base) await pullImage('python', python, progress);
      return BUILDERS[name](python, options);
    }
    const recipe = await recipeOf(name, base, options).catch((error: unknown) => {
      if (!isDispensable(name, error)) throw error;
      progress(`No image of ${name} is built. ${error.message}`);
      return undefined;
    });
    if (recipe === undefined) return [];
    return [[name, { reference: await buildImage(recipe, progress), standIn: STAND_INS[name] }]];
  });
  // A build that fails must not leave another one half done.
  await Promise.allSettled(entries);
  return Object.fromEntries((await Promise.all(entries)).flat());
}

/** Whether a platform is of use without an image that cannot be built: infra leaves out what needs it, and says so. */
const isDispensable = (name: RegistryImage, error: unknown): error is Error =>
  name === 'statsd_exporter' && (error instanceof GoMissingError || error instanceof GoBuildError);

type Entry = [ServiceImage | AirflowImage, ProvidedImage];

/** How the images that no registry has are built on a base. */
const BUILDERS = { airflow: airflowEntries, superset: supersetEntries } as const satisfies Record<
  BuiltImage,
  (base: string, options: ProvideOptions) => Promise<Entry[]>
>;

async function buildAll(
  names: readonly BuiltImage[],
  base: string,
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const building = names.map((name) => BUILDERS[name](base, options));
  // A build that fails must not leave another one half done.
  await Promise.allSettled(building);
  return Object.fromEntries((await Promise.all(building)).flat());
}

async function airflowEntries(base: string, options: ProvideOptions): Promise<Entry[]> {
  const { cache, progress, airflow: { groups, names } = PLAIN } = options;
  const project = join(import.meta.dirname, '../../../packages/etl-dags');
  const packages = await packagesFor('Airflow', { project, groups, cache, progress });
  const reference = await buildImage(airflowRecipe(packages, base), progress);
  return names.map((name) => [name, { reference }]);
}

async function supersetEntries(
  base: string,
  { cache, progress }: ProvideOptions,
): Promise<Entry[]> {
  const place = { project: SUPERSET_PROJECT, groups: [], cache, progress };
  const packages = await packagesFor('Superset', place);
  return [['superset', { reference: await buildImage(supersetRecipe(packages, base), progress) }]];
}

type PackagesOptions = Parameters<typeof pythonPackages>[0];

async function packagesFor(
  name: string,
  options: Omit<PackagesOptions, 'name' | 'uv' | 'python'>,
): Promise<PythonPackages> {
  const python = findPython();
  return pythonPackages({ ...options, name, python, uv: await findUv(python) });
}

const recordFile = (cache: string): string => join(cache, 'images.json');

/** What is listed; images of names that nothing uses are left out, because nobody builds them again. */
async function readRecord(cache: string): Promise<ProvidedImages> {
  try {
    const listed = JSON.parse(await readFile(recordFile(cache), 'utf8')) as ProvidedImages;
    return Object.fromEntries(
      Object.entries(listed).filter(([name]) => IMAGE_LIST.some((known) => known === name)),
    );
  } catch {
    // There is none yet, or one that is not whole: what is needed is written now.
    return {};
  }
}

/** Those of Airflow and Superset, which are built here where there is a registry, too. */
const withoutStandIns = (images: ProvidedImages): ProvidedImages =>
  Object.fromEntries(Object.entries(images).filter(([, { standIn }]) => standIn === undefined));

async function record(cache: string, before: ProvidedImages, built: ProvidedImages): Promise<void> {
  const draft = `${recordFile(cache)}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  await writeFile(draft, `${JSON.stringify({ ...before, ...built }, null, 2)}\n`);
  await rename(draft, recordFile(cache));
}
