import { join, resolve } from 'node:path';
import { exists } from '../system/exists.ts';
import { PlatformStateError } from '../state/state-error.ts';
import type { PortClaims } from '../system/port-claims.ts';
import { planPorts } from '../system/ports.ts';
import { WORKSPACE } from '../state/workspace.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { withAirflow, type Progress, type UpOptions } from '../runtime.ts';
import { newOrigin } from '../components/api/origin.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { KEEPERS } from '../clickhouse/keeper-config.ts';
import { dispensableImages, imagesUsed, publishedPorts, sayLeftOut } from './components.ts';
import { readContainerPlan, type ContainerPlan } from './container-plan.ts';
import { OFFICIAL_IMAGES } from './images.ts';
import { grantedOpenFiles } from './open-files.ts';
import { containersOf, remainsOf } from './containers.ts';
import { whyNotServed } from './volumes.ts';
import { refuseWithoutPackages, whyNoMetrics } from './airflow-packages.ts';
import { imagesFor, nodeImage, referencesOf, type ProvidedImages } from './provided-images.ts';
import { unavailableImages } from './unavailable-images.ts';
import { refuseSharedDatabase, wantedModules } from './wanted-modules.ts';

/** As many as the modules accept. */
const MOST_WORKERS = 16;

export interface PlanRequest {
  readonly descriptors: readonly ComponentDescriptor[];
  readonly folder: StateFolder;
  readonly name: string;
  readonly options: UpOptions;
  readonly images: ProvidedImages;
  readonly progress: Progress;
  readonly claims: PortClaims;
}

/**
 * The plan for what is asked. What is not said stays as it was; ports of containers that are there
 * stay theirs.
 * @throws PlatformStateError, TopologyError, PortError when it cannot be made as asked
 */
export async function makeContainerPlan(request: PlanRequest): Promise<ContainerPlan> {
  const { descriptors, folder, options, images, progress } = request;
  const before = await readContainerPlan(folder);
  const { shards = before?.shards ?? 2, replicas = before?.replicas ?? 2 } = options;
  const { workers = before?.workers ?? 1 } = options;
  if (workers < 1 || workers > MOST_WORKERS) {
    throw new PlatformStateError(
      `--workers: expected a whole number from 1 to ${MOST_WORKERS}, found ${workers}.`,
    );
  }
  const airflow = withAirflow(options, before?.airflow);
  const dagsFolder = resolve(
    options.dagsFolder ?? before?.dagsFolder ?? join(WORKSPACE, 'packages/etl-dags/dags'),
  );
  if (airflow && !(await exists(dagsFolder))) {
    throw new PlatformStateError(`There is no DAGs folder ${dagsFolder}.`);
  }
  const chosenImages = { ...before?.chosenImages, ...options.images };
  const { engine, replication } = await nodeImage(images, chosenImages.clickhouse);
  const storage = options.storage ?? before?.storage ?? 'local_ssd';
  const keepers = replication === 'keeper' ? KEEPERS : 0;
  const consumers = [...(options.consumers ?? before?.consumers ?? [])];
  const modules = wantedModules(options, storage, before?.modules ?? []);
  refuseSharedDatabase(modules, consumers);
  const productsOrigin =
    before?.productsOrigin ?? (modules.includes('api') ? newOrigin(new Date()) : undefined);
  if (airflow) await refuseWithoutPackages(chosenImages.airflow, modules);
  const noMetrics = airflow ? await whyNoMetrics(chosenImages.airflow, modules) : undefined;
  const shape = {
    ...{ shards, replicas, keepers, airflow, storage, consumers, modules },
    unavailable: noMetrics === undefined ? {} : { statsd_exporter: noMetrics },
  };
  const used = imagesUsed(descriptors, shape);
  const provided = imagesFor(request.images, modules);
  const standIns = Object.fromEntries(
    Object.entries(provided).flatMap(([image, { standIn }]) =>
      standIn === undefined || !used.includes(image) || Object.hasOwn(chosenImages, image)
        ? []
        : [[image, standIn]],
    ),
  );
  const unavailable = {
    ...shape.unavailable,
    ...(await unavailableImages({
      names: dispensableImages(descriptors, shape).filter((name) => !Object.hasOwn(standIns, name)),
      ...{ chosen: chosenImages, standIns: Object.keys(standIns).length > 0, progress },
    })),
  };
  const wanted: Omit<ContainerPlan, 'ports'> = {
    ...{ shards, replicas, airflow, dagsFolder, engine, replication },
    workers,
    ...{ storage, keepers, consumers, modules },
    ...(productsOrigin && { productsOrigin }),
    images: { ...referencesOf(provided), ...chosenImages },
    chosenImages,
    ...{ standIns, unavailable },
  };
  sayLeftOut(descriptors, wanted, progress);
  if (before !== undefined) await refuseOtherData(request, before, wanted);
  const openFiles = await chooseOpenFiles(before, wanted, progress);
  return { ...wanted, openFiles, ports: await choosePorts(request, before, wanted) };
}

/** The limit of open files that nodes have, or get if they have none yet. */
async function chooseOpenFiles(
  before: ContainerPlan | undefined,
  wanted: Omit<ContainerPlan, 'ports'>,
  progress: Progress,
): Promise<number | null> {
  if (before?.openFiles !== undefined) return before.openFiles;
  const image = wanted.images['clickhouse'] ?? OFFICIAL_IMAGES.clickhouse;
  const granted = await grantedOpenFiles(image);
  if (granted === null) {
    progress.message('The engine grants nodes no more open files than it has itself.');
  }
  return granted;
}

/** @throws PlatformStateError when what is wanted cannot serve the data in the platform's volumes */
async function refuseOtherData(
  { name, descriptors }: PlanRequest,
  before: ContainerPlan,
  wanted: Omit<ContainerPlan, 'ports'>,
): Promise<void> {
  const problem = whyNotServed(descriptors, before, wanted);
  if (problem === undefined || (await remainsOf(name)).volumes.length === 0) return;
  throw new PlatformStateError(
    `The data in ${name}'s volumes ${problem} Remove it with infra:down --purge, or choose another --name.`,
  );
}

async function choosePorts(
  { descriptors, name, options, progress, claims }: PlanRequest,
  before: ContainerPlan | undefined,
  wanted: Omit<ContainerPlan, 'ports'>,
): Promise<Record<string, number>> {
  const requests = publishedPorts(descriptors, wanted);
  const published = new Set(
    (await containersOf(name)).flatMap((container) =>
      container.published.map((address) => Number(address.split(':').at(-1))),
    ),
  );
  const own = Object.entries(before?.ports ?? {}).filter(([, port]) => published.has(port));
  const set = Object.entries(options.ports ?? {});
  const kept = new Map(own.filter(([key]) => options.ports?.[key] === undefined));
  for (const [key, port] of set) if (published.has(port)) kept.set(key, port);
  const { ports, moved } = await planPorts(
    requests.filter((request) => !kept.has(request.name)),
    Object.fromEntries(set.filter(([key]) => !kept.has(key))),
    claims,
  );
  for (const { name: key, preferred, port, owner } of moved) {
    progress.message(`${key}: port ${preferred} is taken by ${owner}; using ${port}.`);
  }
  const names = new Set(requests.map((request) => request.name));
  return { ...Object.fromEntries([...kept].filter(([key]) => names.has(key))), ...ports };
}
