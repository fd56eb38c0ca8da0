import { join } from 'node:path';
import { z } from 'zod';
import type { ClickHouseNode } from '../state/deployment.ts';
import { createTopology, type Topology } from '../clickhouse/topology.ts';
import {
  DATABASE_ENGINES,
  engineSchema,
  type EmbeddedChoice,
  type EngineChoice,
} from '../clickhouse/engine.ts';
import { exists } from '../system/exists.ts';
import { ensemblePorts } from './engines/ensemble.ts';
import { serverPorts } from './engines/server.ts';
import { nodePorts, type PortRequest } from '../system/ports.ts';
import { readStateFile, writeStateFile } from '../state/state-file.ts';
import type { StateFolder } from '../state/state-folder.ts';

const planSchema = z.strictObject({
  shards: z.int(),
  replicas: z.int(),
  airflow: z.boolean(),
  dagsFolder: z.string(),
  engine: engineSchema,
  databaseEngine: z.enum(DATABASE_ENGINES).default('atomic'),
  ports: z.record(z.string(), z.int()),
});

/** What a running platform was started as; a start that was cut off is resumed from it. */
export type Plan = z.infer<typeof planSchema>;

const shapeSchema = z.object({
  shards: z.int(),
  replicas: z.int(),
  engine: z.enum(['chdb', 'server']).default('chdb'),
  /** What coordinates the nodes, if anything does. */
  coordination: z.string().optional(),
  databaseEngine: z.enum(DATABASE_ENGINES).default('atomic'),
  /** Whether the last start was with Airflow; its data goes with or without it. */
  airflow: z.boolean().optional(),
});

/** What data on disk was written with, and what the next start repeats unless it is said. */
export type Shape = z.infer<typeof shapeSchema>;

const planFile = (folder: StateFolder): string => join(folder.run, 'plan.json');
const shapeFile = (folder: StateFolder): string => join(folder.data, 'shape.json');

/** Whether the platform was started and not taken down, as one of this runtime. */
export const hasPlan = (folder: StateFolder): Promise<boolean> => exists(planFile(folder));

/** Whether there is data of an earlier start. */
export const hasShape = (folder: StateFolder): Promise<boolean> => exists(shapeFile(folder));

/** The plan of the platform, if it was started. @throws PlatformStateError for one that is not whole */
export async function readPlan(folder: StateFolder): Promise<Plan | undefined> {
  return readStateFile({
    path: planFile(folder),
    schema: planSchema,
    remedy: 'Run infra:down, which keeps the data, and infra:up.',
  });
}

/** Keeps the plan for as long as the platform runs, and its shape for as long as its data is there. */
export async function writePlan(folder: StateFolder, plan: Plan): Promise<void> {
  await writeStateFile(planFile(folder), plan);
  await writeStateFile(shapeFile(folder), { ...shapeOf(plan), airflow: plan.airflow });
}

/** The shape of the data that a platform of this plan writes. */
export const shapeOf = ({
  shards,
  replicas,
  engine,
  databaseEngine,
}: Pick<Plan, 'shards' | 'replicas' | 'engine' | 'databaseEngine'>): Shape => ({
  ...{ shards, replicas, engine: engine.name, databaseEngine },
  ...(engine.coordination && { coordination: engine.coordination.kind }),
});

/**
 * The shape of the data that an earlier start left, if there is any.
 * @throws PlatformStateError for one that is not whole
 */
export async function readShape(folder: StateFolder): Promise<Shape | undefined> {
  return readStateFile({
    path: shapeFile(folder),
    schema: shapeSchema,
    remedy: `It says what the data beside it was written with: restore it, such as {"shards": 2, "replicas": 2, "engine": "chdb", "coordination": "zookeeper"}, or remove the data with infra:down --purge.`,
  });
}

/** The ports that a platform needs, with the numbers that they have by convention. */
export function portRequests(
  topology: Topology,
  airflow: boolean,
  engine: EngineChoice,
): PortRequest[] {
  const nodes = [
    ...nodePorts(topology),
    ...(engine.name === 'server' ? serverPorts(topology, engine) : embeddedPorts(engine)),
  ];
  const services = [
    { name: 'postgres', preferred: 5432 },
    { name: 'redis', preferred: 6379 },
    { name: 'airflow', preferred: 8080 },
    { name: 'flower', preferred: 5555 },
    { name: 'scheduler-health', preferred: 8974 },
  ];
  return airflow ? [...nodes, ...services] : nodes;
}

const embeddedPorts = ({ coordination }: EmbeddedChoice): PortRequest[] =>
  coordination ? ensemblePorts(coordination) : [];

/** The nodes of a plan with their addresses. */
export function nodesOf(plan: Plan): ClickHouseNode[] {
  const { name: engine, coordination } = plan.engine;
  return createTopology(plan).nodes.map((node) => ({
    ...node,
    host: '127.0.0.1',
    httpPort: portOf(plan, `${node.name}.http`),
    nativePort: portOf(plan, `${node.name}.native`),
    ...(coordination && {
      // The embedded engine has one HTTP port, at an address for queries and one for its peers.
      interserverPort: portOf(plan, `${node.name}.${engine === 'chdb' ? 'http' : 'interserver'}`),
    }),
  }));
}

/** The port that the plan gives to `name`. @throws RangeError when the plan has none */
export function portOf(plan: Plan, name: string): number {
  const port = plan.ports[name];
  if (port === undefined) throw new RangeError(`the plan has no port for ${name}`);
  return port;
}
