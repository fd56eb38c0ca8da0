import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zookeeperJars } from '@provehouse/infra';
import { installDebianPackages } from '../container-engine/debian-packages.ts';
import { findPython, findUv } from '../../setup/python.mjs';
import { baseImage } from './base-image.ts';
import { buildImage, type ImageRecipe } from './build-image.ts';
import { docker, hasImage } from './docker.ts';
import {
  airflowRecipe,
  keeperRecipe,
  minioRecipe,
  PROJECT_PYTHON,
  PYTHON_IMAGE,
  STAND_INS,
  standInRecipe,
  type ImageName,
} from './image-set.ts';
import { minioProgram } from './minio-program.ts';
import { pythonPackages } from './python-packages.ts';
import { imageSource } from './registry.ts';

/** An image that was built here, and what it stands in for if it is not what teams run. */
export interface ProvidedImage {
  readonly reference: string;
  readonly standIn?: string;
}

export type ProvidedImages = Partial<Record<ImageName, ProvidedImage>>;

export interface ProvideOptions {
  readonly cache: string;
  readonly progress: (text: string) => void;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Makes sure that the images exist which no registry gives: Airflow's always, all others where no
 * registry can be reached. Writes their references to `images.json` in the cache, which infra reads.
 * @throws DockerError, PythonPackagesError, GoProgramError, EngineError
 */
export async function provideImages(
  names: readonly ImageName[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const source = await imageSource(options.environment);
  const built =
    source === 'official'
      ? await provideAirflowOnly(names, options)
      : await provideStandIns(names, options);
  await record(options.cache, source === 'official' ? {} : await readRecord(options.cache), built);
  return built;
}

async function provideAirflowOnly(
  names: readonly ImageName[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  if (!names.includes('airflow')) return {};
  if (!(await hasImage(PYTHON_IMAGE))) {
    options.progress(`Pulling ${PYTHON_IMAGE}.`);
    await docker(['pull', '--quiet', PYTHON_IMAGE]);
  }
  return { airflow: { reference: await airflow(PYTHON_IMAGE, options) } };
}

async function provideStandIns(
  names: readonly ImageName[],
  options: ProvideOptions,
): Promise<ProvidedImages> {
  const { progress } = options;
  await installDebianPackages(['debootstrap']);
  const base = await baseImage(progress);
  const entries = names.map(async (name): Promise<[ImageName, ProvidedImage]> => {
    if (name === 'airflow') return [name, { reference: await airflow(base, options) }];
    const recipe = await recipeOf(name, base, options);
    return [name, { reference: await buildImage(recipe, progress), standIn: STAND_INS[name] }];
  });
  // A build that fails must not leave another one half done.
  await Promise.allSettled(entries);
  return Object.fromEntries(await Promise.all(entries));
}

async function recipeOf(
  name: Exclude<ImageName, 'airflow'>,
  base: string,
  options: ProvideOptions,
): Promise<ImageRecipe> {
  const { cache, progress } = options;
  switch (name) {
    case 'minio':
      return minioRecipe(await minioProgram(options), base);
    case 'keeper': {
      const onDownload = () => progress('Downloading ZooKeeper.');
      return keeperRecipe(await zookeeperJars({ python: PROJECT_PYTHON, cache, onDownload }), base);
    }
    default:
      return standInRecipe(name, base);
  }
}

async function airflow(base: string, { cache, progress }: ProvideOptions): Promise<string> {
  const project = join(import.meta.dirname, '../../../packages/etl-dags');
  const packages = await pythonPackages(await findUv(findPython()), project, cache);
  return buildImage(airflowRecipe(packages, base), progress);
}

const recordFile = (cache: string): string => join(cache, 'images.json');

async function readRecord(cache: string): Promise<ProvidedImages> {
  try {
    return JSON.parse(await readFile(recordFile(cache), 'utf8')) as ProvidedImages;
  } catch {
    // There is none yet, or one that is not whole: what is needed is written now.
    return {};
  }
}

async function record(cache: string, before: ProvidedImages, built: ProvidedImages): Promise<void> {
  const draft = `${recordFile(cache)}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  await writeFile(draft, `${JSON.stringify({ ...before, ...built }, null, 2)}\n`);
  await rename(draft, recordFile(cache));
}
