import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { KEEPERS } from '../clickhouse/keeper-config.ts';
import { newOrigin, readOrigin } from '../components/api/origin.ts';
import type { ContainerShape } from '../components/container-side.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { silent, type UpOptions } from '../runtime.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { ensureSecrets } from '../state/ensure-secrets.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { writeStateFile } from '../state/state-file.ts';
import { stateFolder } from '../state/state-folder.ts';
import { WORKSPACE } from '../state/workspace.ts';
import { exists } from '../system/exists.ts';
import {
  containerFiles,
  dispensableImages,
  fetchedFiles,
  MARK,
  publishedPorts,
  sayLeftOut,
  secretsNeeded,
  writtenFolders,
} from './components.ts';
import type { ContainerPlan } from './container-plan.ts';
import { makeWrittenFolders, writeFiles } from './platform-files.ts';
import {
  imagesFor,
  nodeImage,
  readProvidedImages,
  referencesOf,
  type ProvidedImages,
} from './provided-images.ts';
import { terraformVariables } from './terraform-variables.ts';
import { unavailableImages } from './unavailable-images.ts';
import { wantedModules } from './wanted-modules.ts';

/** Terraform reads it by itself in the folder where it runs, after `terraform.tfvars`. */
const VARIABLES_FILE = 'provehouse.auto.tfvars.json';

export interface RenderRequest {
  readonly descriptors: readonly ComponentDescriptor[];
  readonly home: string;
  readonly name: string;
  readonly options: UpOptions;
  /** Folder where Terraform will run. */
  readonly output: string;
}

/**
 * What containers are given, by path, with `secrets` in it and ports by convention. Files of Airflow are
 * always there, so that `enable_airflow` decides when Terraform runs.
 * @throws TopologyError
 */
export async function filesToRender(
  descriptors: readonly ComponentDescriptor[],
  options: UpOptions,
  secrets: Secrets,
): Promise<ReadonlyMap<string, string>> {
  const plan = await planToRender(descriptors, options);
  return new Map(Object.entries(await containerFiles(descriptors, plan, secrets)));
}

/** The plan of a platform that Terraform makes by itself, with ports by convention. @throws TopologyError */
export async function planToRender(
  descriptors: readonly ComponentDescriptor[],
  options: UpOptions,
  productsOrigin = newOrigin(new Date()),
): Promise<ContainerPlan> {
  const images = await readProvidedImages(cacheFolder(process.env));
  const { engine, replication } = await nodeImage(images, options.images?.clickhouse);
  const { shards = 2, replicas = 2, storage = 'local_ssd', consumers = [] } = options;
  const shape = {
    ...{ shards, replicas, storage, engine, replication, airflow: true },
    keepers: replication === 'keeper' ? KEEPERS : 0,
    consumers: [...consumers],
    modules: wantedModules(options, storage, []),
  };
  const provided = imagesFor(images, shape.modules);
  const unavailable = await unavailableHere(descriptors, shape, options, provided);
  const requests = publishedPorts(descriptors, { ...shape, unavailable });
  return {
    ...shape,
    unavailable,
    ...(shape.modules.includes('api') && { productsOrigin }),
    workers: options.workers ?? 1,
    dagsFolder: resolve(options.dagsFolder ?? join(WORKSPACE, 'packages/etl-dags/dags')),
    images: { ...referencesOf(provided), ...options.images },
    chosenImages: { ...options.images },
    standIns: {},
    ports: {
      ...Object.fromEntries(requests.map(({ name: port, preferred }) => [port, preferred])),
      ...options.ports,
    },
  };
}

/**
 * Images that Terraform would ask a registry for in vain, because this machine's images were built here. Where
 * they are official ones, Terraform gets them by itself.
 */
async function unavailableHere(
  descriptors: readonly ComponentDescriptor[],
  shape: ContainerShape,
  { images: chosen = {}, progress = silent }: UpOptions,
  provided: ProvidedImages,
): Promise<Readonly<Record<string, string>>> {
  const standIns = Object.values(provided).some(({ standIn }) => standIn !== undefined);
  const names = dispensableImages(descriptors, shape).filter(
    (name) => !Object.hasOwn(chosen, name) && provided[name]?.standIn === undefined,
  );
  return standIns ? unavailableImages({ names, chosen, standIns, progress }) : {};
}

/**
 * Renders for people who run Terraform themselves: `config/` with what containers are given, passwords
 * included (0700, files 0600), and beside it the variables that belong to it. Gives both paths.
 * @throws PlatformStateError for a folder `config` that holds something else; TopologyError, SecretsError
 */
export async function renderContainers({
  descriptors,
  home,
  name,
  options,
  output,
}: RenderRequest): Promise<{ readonly config: string; readonly variables: string }> {
  const platform = stateFolder(resolve(home), name);
  const config = join(output, 'config');
  await refuseOther(config);
  const origin = await readOrigin(join(config, 'api/origin.json'));
  const plan = await planToRender(descriptors, options, origin);
  const { progress = silent } = options;
  sayLeftOut(descriptors, plan, progress);
  const secrets = await ensureSecrets(platform, progress, secretsNeeded(descriptors, plan));
  await mkdir(output, { recursive: true });
  const folder = { ...platform, config, data: join(output, 'data') };
  const files = await containerFiles(descriptors, plan, secrets);
  await writeFiles(folder, files, fetchedFiles(descriptors, plan));
  await makeWrittenFolders(folder, writtenFolders(descriptors, plan));
  const {
    running: _running,
    enable_airflow: _airflow,
    airflow_workers: _workers,
    ...variables
  } = terraformVariables({ folder, name, plan, descriptors }, true);
  const file = join(output, VARIABLES_FILE);
  await writeStateFile(file, variables);
  return { config, variables: file };
}

/** @throws PlatformStateError for a folder that was not rendered: writing the files empties it */
async function refuseOther(config: string): Promise<void> {
  if (!(await exists(config)) || (await exists(join(config, MARK)))) return;
  throw new PlatformStateError(
    `Expected ${config} to be absent or rendered before, found another folder. Name another --output, or move it away.`,
  );
}
