import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { STORAGE_TYPES } from '../clickhouse-storage.ts';
import type { ClickHouseNode } from '../deployment.ts';
import { exists } from '../platform/exists.ts';
import { nodePorts, type PortRequest } from '../platform/ports.ts';
import { readStateFile, writeStateFile } from '../platform/state-file.ts';
import { stateFolder, type StateFolder } from '../platform/state-folder.ts';
import { IMAGE_NAMES } from './images.ts';
import { KEEPER_PORTS } from '../keeper-config.ts';
import { CONSUMERS } from '../runtime.ts';
import { createTopology, type Topology } from '../topology.ts';

const planSchema = z.strictObject({
  shards: z.int(),
  replicas: z.int(),
  airflow: z.boolean(),
  workers: z.int(),
  storage: z.enum(STORAGE_TYPES),
  consumers: z.array(z.enum(CONSUMERS)),
  dagsFolder: z.string(),
  ports: z.record(z.string(), z.int()),
  engine: z.enum(['chdb', 'server']),
  replication: z.enum(['keeper', 'distributed-writes']),
  keepers: z.int(),
  images: z.record(z.string(), z.string()),
  /** Those of the images that somebody chose. */
  chosenImages: z.partialRecord(z.enum(IMAGE_NAMES), z.string()).default({}),
  standIns: z.record(z.string(), z.string()),
  /** Limit of a node's open files; null where the engine grants no more than its own. */
  openFiles: z.int().nullable().optional(),
});

/** What a platform of containers is made as; kept beside Terraform's state. */
export type ContainerPlan = z.infer<typeof planSchema>;

/** Terraform's folder of a platform: a copy of the modules, the state and the plan. */
export const terraformFolder = (folder: StateFolder): string => join(folder.root, 'terraform');

const planFile = (folder: StateFolder): string => join(terraformFolder(folder), 'plan.json');

/** Whether there is or was a platform of containers, whose data may be there. */
export const hasContainerPlan = (folder: StateFolder): Promise<boolean> => exists(planFile(folder));

/** The plan of the platform, if there is or was one. @throws PlatformStateError for one that is not whole */
export async function readContainerPlan(folder: StateFolder): Promise<ContainerPlan | undefined> {
  return readStateFile({
    path: planFile(folder),
    schema: planSchema,
    remedy:
      'Its options are what the platform was made with: remove the file and run infra:up with the same ones.',
  });
}

/** The plan of the platform below a home, if there is or was one. @throws PlatformStateError, SecretsError */
export const containerPlanOf = (place: {
  readonly home: string;
  readonly name: string;
}): Promise<ContainerPlan | undefined> =>
  readContainerPlan(stateFolder(resolve(place.home), place.name));

export async function writeContainerPlan(folder: StateFolder, plan: ContainerPlan): Promise<void> {
  await mkdir(terraformFolder(folder), { recursive: true });
  await writeStateFile(planFile(folder), plan);
}

/** The ports that are published on this machine, with the numbers that they have by convention. */
export function publishedPorts(
  topology: Topology,
  {
    keepers,
    airflow,
    storage,
    consumers,
  }: Pick<ContainerPlan, 'keepers' | 'airflow' | 'storage' | 'consumers'>,
): PortRequest[] {
  const nodes = nodePorts(topology);
  const coordination = keeperNames(keepers).map((keeper, index) => ({
    name: `${keeper}.client`,
    preferred: KEEPER_PORTS.client + index,
  }));
  const database = [{ name: 'postgres', preferred: 5432 }];
  const services = [
    { name: 'redis', preferred: 6379 },
    { name: 'airflow', preferred: 8080 },
    { name: 'flower', preferred: 5555 },
  ];
  const buckets = [
    { name: 'minio', preferred: 9900 },
    { name: 'minio-console', preferred: 9901 },
  ];
  return [
    ...nodes,
    ...coordination,
    ...(airflow || consumers.length > 0 ? database : []),
    ...(airflow ? services : []),
    ...(storage === 'local_ssd' ? [] : buckets),
  ];
}

/** The nodes of a plan: where this machine reaches them, and where they reach each other. */
export function containerNodes(plan: ContainerPlan): ClickHouseNode[] {
  return createTopology(plan).nodes.map((node) => ({
    ...node,
    host: '127.0.0.1',
    httpPort: publishedPort(plan, `${node.name}.http`),
    nativePort: publishedPort(plan, `${node.name}.native`),
    inside: { host: node.name, httpPort: 8123, nativePort: 9000 },
    ...(plan.replication === 'keeper' && { interserverPort: INTERSERVER_PORT }),
  }));
}

/** Where a node's peers fetch parts from it, at its name in the containers' network. */
export const INTERSERVER_PORT = 9009;

/** The Keepers of a plan as this machine reaches them. */
export const containerKeepers = (
  plan: ContainerPlan,
): { readonly name: string; readonly host: string; readonly port: number }[] =>
  keeperNames(plan.keepers).map((name) => ({
    ...{ name, host: '127.0.0.1' },
    port: publishedPort(plan, `${name}.client`),
  }));

/** The published port called `name`. @throws RangeError when the plan has none */
export function publishedPort(plan: ContainerPlan, name: string): number {
  const port = plan.ports[name];
  if (port === undefined) throw new RangeError(`the plan has no port for ${name}`);
  return port;
}

/** How many Keepers there are where nodes replicate: the fewest that outlive the loss of one. */
export const KEEPERS = 3;

/** Names of the Keepers. */
export const keeperNames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `clickhouse-keeper-${String(index + 1).padStart(2, '0')}`,
  );

/** The variables that Terraform is given; no secret is among them. */
export function terraformVariables(
  { folder, name, plan }: { folder: StateFolder; name: string; plan: ContainerPlan },
  running: boolean,
): Record<string, unknown> {
  const port = (key: string): number | undefined => plan.ports[key];
  const known = {
    postgres: port('postgres'),
    redis: port('redis'),
    airflow: port('airflow'),
    flower: port('flower'),
    minio: port('minio'),
    minio_console: port('minio-console'),
  };
  return {
    name,
    running,
    config_folder: folder.config,
    dags_folder: plan.dagsFolder,
    clickhouse_nodes: containerNodes(plan).map(
      ({ name: node, shard, replica, httpPort, nativePort }) => ({
        ...{ name: node, shard, replica, http_port: httpPort, native_port: nativePort },
      }),
    ),
    keepers: containerKeepers(plan).map(({ name: keeper, port: client }) => ({
      ...{ name: keeper, client_port: client },
    })),
    enable_airflow: plan.airflow,
    airflow_workers: plan.workers,
    storage_type: plan.storage,
    postgres_consumers: plan.consumers,
    // Python is what Airflow's image is built on; no container runs it.
    images: Object.fromEntries(Object.entries(plan.images).filter(([name]) => name !== 'python')),
    ...(plan.openFiles !== undefined && { clickhouse_open_files: plan.openFiles }),
    ports: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  };
}
