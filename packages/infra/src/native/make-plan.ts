import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import type { ProgramSources } from '../components/native-side.ts';
import { withAirflow, type Module, type Progress, type UpOptions } from '../runtime.ts';
import { exists } from '../system/exists.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { chooseEngine, type EngineSources } from './engines/choose-engine.ts';
import { examineEngine } from './engines/examine-engine.ts';
import { embeddedLibrary, provideEmbeddedLibrary } from './engines/provided-library.ts';
import { provideZookeeper } from './engines/provided-zookeeper.ts';
import type { PlatformPlace } from './load-platform.ts';
import { modulesOf, readPlan, readShape, shapeOf, type Plan, type Shape } from './plan.ts';
import { portRequests } from './platform.ts';
import { findPrograms } from './programs.ts';
import { endpointWanted, wantedEndpoint } from './wanted-endpoint.ts';
import {
  refuseContainersOnly,
  refuseWithoutDisks,
  refuseWithoutMetrics,
  wantedModules,
} from './wanted-modules.ts';
import type { PortClaims } from '../system/port-claims.ts';
import { planPorts } from '../system/ports.ts';
import { processesOf } from '../system/processes.ts';
import { WORKSPACE } from '../state/workspace.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { endLeftProcesses } from './stop.ts';
import { readSession } from './supervisord.ts';

/**
 * The plan that the platform runs by.
 * @throws PlatformStateError when it runs with other settings than those asked for
 */
export async function planOfRunning(folder: StateFolder, options: UpOptions): Promise<Plan> {
  const plan = await readPlan(folder);
  if (plan === undefined) {
    throw new PlatformStateError('supervisord runs, but its plan is gone. Run infra:down first.');
  }
  const asked: Record<string, [unknown, unknown]> = {
    shards: [options.shards ?? plan.shards, plan.shards],
    replicas: [options.replicas ?? plan.replicas, plan.replicas],
    airflow: [options.without ? !options.without.includes('airflow') : plan.airflow, plan.airflow],
    modules: [
      wantedModules(options, plan.storage, modulesOf(plan)).join(', ') || 'none',
      modulesOf(plan).join(', ') || 'none',
    ],
    storage: [options.storage ?? plan.storage, plan.storage],
    'storage endpoint': [
      endpointWanted(options, plan.storageEndpoint) ?? 'none',
      plan.storageEndpoint ?? 'none',
    ],
    engine: [engineAsked(options, plan), plan.engine.name],
    replication: [replicationAsked(options, plan), replicationOf(plan)],
    coordinators: [options.coordinators ?? membersOf(plan), membersOf(plan)],
    'database engine': [options.databaseEngine ?? plan.databaseEngine, plan.databaseEngine],
    'DAGs folder': [options.dagsFolder ?? plan.dagsFolder, plan.dagsFolder],
  };
  for (const [port, number] of Object.entries(options.ports ?? {})) {
    asked[`port ${port}`] = [number, plan.ports[port]];
  }
  const other = Object.entries(asked).filter(([, [wanted, found]]) => wanted !== found);
  if (other.length > 0) {
    const list = other
      .map(([what, [wanted, found]]) => `${what} ${found}, not ${wanted}`)
      .join('; ');
    throw new PlatformStateError(`The platform runs with ${list}. Run infra:down first.`);
  }
  return plan;
}

/** `auto` is whatever runs. */
const engineAsked = ({ engine = 'auto' }: UpOptions, plan: Plan): string =>
  engine === 'auto' ? plan.engine.name : engine;

const replicationAsked = ({ replication = 'auto' }: UpOptions, plan: Plan): string =>
  replication === 'auto' ? replicationOf(plan) : replication;

const replicationOf = ({ engine }: Plan): string =>
  engine.coordination === undefined ? 'distributed-writes' : 'keeper';

const membersOf = ({ engine: { coordination } }: Plan): number | undefined =>
  coordination && coordination.kind !== 'existing' ? coordination.members : undefined;

/**
 * A plan for a platform that does not run; ends what an earlier start left.
 * @throws PlatformStateError, EngineError, TopologyError, PortError when it cannot be started as asked
 */
export async function planNew(
  { folder, descriptors }: PlatformPlace,
  options: UpOptions,
  progress: Progress,
  claims: PortClaims,
): Promise<Plan> {
  const left = await processesOf(folder.root, await readSession(folder));
  if (left.length > 0) {
    progress.message(`Ending ${left.length} processes that an earlier start left.`);
    await endLeftProcesses(folder);
  }
  const kept = await readShape(folder);
  const shape = kept && ofData(kept);
  const { shards = shape?.shards ?? 2, replicas = shape?.replicas ?? 2 } = options;
  const airflow = withAirflow(options, kept?.airflow);
  const dagsFolder = resolve(options.dagsFolder ?? join(WORKSPACE, 'packages/etl-dags/dags'));
  if (airflow && !(await exists(dagsFolder))) {
    throw new PlatformStateError(`There is no DAGs folder ${dagsFolder}.`);
  }
  const { databaseEngine = shape?.databaseEngine ?? 'atomic' } = options;
  const { storage = shape?.storage ?? 'local_ssd' } = options;
  const wantedWith = wantedModules(options, storage, kept?.modules ?? []);
  refuseContainersOnly(descriptors, wantedWith);
  const wish = { ...(shape && askedByData(shape)), ...options, airflow };
  const engine = await chooseEngine(wish, await sourcesOfMachine(progress), progress);
  if (databaseEngine === 'replicated' && engine.coordination === undefined) {
    throw new PlatformStateError(
      'Expected coordination for --database-engine replicated, found distributed writes. Use --database-engine atomic.',
    );
  }
  refuseWithoutDisks(engine, storage);
  refuseWithoutMetrics(engine, wantedWith);
  const storageEndpoint = wantedEndpoint(options, wantedWith, kept?.storageEndpoint);
  const endpoint = storageEndpoint === undefined ? {} : { storageEndpoint };
  const wanted = shapeOf({ shards, replicas, engine, databaseEngine, storage, ...endpoint });
  if (shape && !isDeepStrictEqual(shape, wanted)) {
    throw new PlatformStateError(
      `The data in ${folder.data} is of ${describeShape(shape)}, not ${describeShape(wanted)}. ` +
        'Remove it with infra:down --purge, or choose another --name.',
    );
  }
  const elsewhere: readonly Module[] = storageEndpoint === undefined ? [] : ['storage'];
  const modules = await provideModules(
    descriptors,
    { engine, airflow, modules: wantedWith, elsewhere },
    progress,
  );
  const shapeOfPlan = { shards, replicas, airflow, engine, modules, ...endpoint };
  const requests = portRequests(descriptors, shapeOfPlan);
  const { ports, moved } = await planPorts(requests, options.ports ?? {}, claims);
  for (const { name, preferred, port, owner } of moved) {
    progress.message(`${name}: port ${preferred} is taken by ${owner}; using ${port}.`);
  }
  return { ...shapeOfPlan, dagsFolder, databaseEngine, storage, ports };
}

const ofData = ({ airflow: _, modules: __, storageEndpoint, ...shape }: Shape): Shape => ({
  ...shape,
  ...(shape.storage === 's3_ssd' && storageEndpoint !== undefined && { storageEndpoint }),
});

interface WantedModules extends Pick<ProgramSources, 'engine' | 'airflow' | 'modules'> {
  /** Those that somebody else runs. */
  readonly elsewhere: readonly Module[];
}

/**
 * The modules with the commands of their programs; none for those that somebody else runs.
 * @throws what their programs cannot be had for
 */
async function provideModules(
  descriptors: readonly ComponentDescriptor[],
  { elsewhere, ...wanted }: WantedModules,
  progress: Progress,
): Promise<Plan['modules']> {
  const { python } = await findPrograms();
  const sources = {
    ...wanted,
    python,
    cache: cacheFolder(process.env),
    message: (text: string) => progress.message(text),
  };
  const commands = wanted.modules.map(async (module) => {
    if (elsewhere.includes(module)) return [module, []] as const;
    const { native } = descriptors.find(({ name }) => name === module) ?? {};
    if (native?.provide === undefined) {
      throw new PlatformStateError(`--with ${module}: expected a module that runs as processes.`);
    }
    return [module, [...(await native.provide(sources))]] as const;
  });
  return Object.fromEntries(await Promise.all(commands));
}

/** What data asks of the engine that is to serve it. */
const askedByData = ({ engine, coordination }: Shape): UpOptions => ({
  engine,
  ...(engine === 'chdb' && {
    replication: coordination === undefined ? 'distributed-writes' : 'keeper',
  }),
});

async function sourcesOfMachine(progress: Progress): Promise<EngineSources> {
  const { python } = await findPrograms();
  const cache = cacheFolder(process.env);
  return {
    environment: process.env,
    provideEmbedded: () =>
      provideEmbeddedLibrary({
        cache,
        onDownload: () =>
          progress.message(
            'Installing the embedded ClickHouse engine; later starts take it from the cache.',
          ),
      }),
    examineEmbedded: () => examineEngine(python, embeddedLibrary(cache), cache),
    provideZookeeper: () =>
      provideZookeeper({
        ...{ python, cache },
        onDownload: () =>
          progress.message('Downloading ZooKeeper; later starts take it from the cache.'),
      }),
  };
}

const describeShape = (shape: Shape): string => {
  const { shards, replicas, engine, coordination, databaseEngine, storage } = shape;
  const { storageEndpoint } = shape;
  return (
    `${shards} × ${replicas} nodes of the engine ${engine}` +
    (coordination === undefined ? ' without coordination' : ` coordinated by ${coordination}`) +
    (databaseEngine === 'replicated' ? ' with a Replicated database' : '') +
    (storage === 'local_ssd' ? '' : `, kept as ${storage}`) +
    (storageEndpoint === undefined ? '' : ` in ${storageEndpoint}`)
  );
};
