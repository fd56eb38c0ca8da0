import { join } from 'node:path';
import { z } from 'zod';
import { DATABASE_ENGINES, engineSchema } from '../clickhouse/engine.ts';
import { STORAGE_TYPES } from '../clickhouse/storage.ts';
import { MODULES, type Module } from '../runtime.ts';
import { exists } from '../system/exists.ts';
import { readStateFile, writeStateFile } from '../state/state-file.ts';
import type { StateFolder } from '../state/state-folder.ts';

const planSchema = z.strictObject({
  shards: z.int(),
  replicas: z.int(),
  airflow: z.boolean(),
  dagsFolder: z.string(),
  engine: engineSchema,
  databaseEngine: z.enum(DATABASE_ENGINES).default('atomic'),
  /** Where nodes keep their tables. */
  storage: z.enum(STORAGE_TYPES).default('local_ssd'),
  /** The modules that were asked for, each with the command of its program, if it has one. */
  modules: z.partialRecord(z.enum(MODULES), z.array(z.string())).default({}),
  /** URL of the bucket that the module storage is, where somebody else runs it. */
  storageEndpoint: z.string().optional(),
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
  storage: z.enum(STORAGE_TYPES).default('local_ssd'),
  /** Whether the last start was with Airflow; its data goes with or without it. */
  airflow: z.boolean().optional(),
  /** The modules of the last start; their data stays without them. */
  modules: z.array(z.enum(MODULES)).optional(),
  /** The bucket of the last start, where somebody else runs it; tables that are in it stay there. */
  storageEndpoint: z.string().optional(),
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
  await writeStateFile(shapeFile(folder), {
    ...shapeOf(plan),
    airflow: plan.airflow,
    modules: modulesOf(plan),
    ...(plan.storageEndpoint !== undefined && { storageEndpoint: plan.storageEndpoint }),
  });
}

/** The names of the modules that a plan has. */
export const modulesOf = ({ modules }: Pick<Plan, 'modules'>): Module[] =>
  MODULES.filter((module) => modules[module] !== undefined);

/** The shape of the data that a platform of this plan writes. */
export const shapeOf = ({
  shards,
  replicas,
  engine,
  databaseEngine,
  storage,
  storageEndpoint,
}: Pick<
  Plan,
  'shards' | 'replicas' | 'engine' | 'databaseEngine' | 'storage' | 'storageEndpoint'
>): Shape => ({
  ...{ shards, replicas, engine: engine.name, databaseEngine, storage },
  ...(storage === 's3_ssd' && storageEndpoint !== undefined && { storageEndpoint }),
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
