import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { originSchema } from '../components/api/origin.ts';
import { STORAGE_TYPES } from '../clickhouse/storage.ts';
import { exists } from '../system/exists.ts';
import { readStateFile, writeStateFile } from '../state/state-file.ts';
import { stateFolder, type StateFolder } from '../state/state-folder.ts';
import { IMAGE_NAMES } from './images.ts';
import { CONSUMERS, MODULES } from '../runtime.ts';

const planSchema = z.strictObject({
  shards: z.int(),
  replicas: z.int(),
  airflow: z.boolean(),
  workers: z.int(),
  storage: z.enum(STORAGE_TYPES),
  consumers: z.array(z.enum(CONSUMERS)),
  modules: z.array(z.enum(MODULES)).default([]),
  /** What the products of the module `api` are a function of; it stays when the module goes. */
  productsOrigin: originSchema.optional(),
  dagsFolder: z.string(),
  ports: z.record(z.string(), z.int()),
  engine: z.enum(['chdb', 'server']),
  replication: z.enum(['keeper', 'distributed-writes']),
  keepers: z.int(),
  images: z.record(z.string(), z.string()),
  /** Those of the images that somebody chose. */
  chosenImages: z.partialRecord(z.enum(IMAGE_NAMES), z.string()).default({}),
  standIns: z.record(z.string(), z.string()),
  /** Images of dispensable components that the engine cannot have, and why. */
  unavailable: z.record(z.string(), z.string()).optional(),
  /** Limit of a node's open files; null where the engine grants no more than its own. */
  openFiles: z.int().nullable().optional(),
});

/** What a platform of containers is made as; kept beside Terraform's state. */
export type ContainerPlan = z.infer<typeof planSchema>;

/** Terraform's folder of a platform: a copy of the modules, the state and the plan. */
export const terraformFolder = (folder: StateFolder): string => join(folder.root, 'terraform');

/** Folder of what components of a platform keep on this machine from start to start. */
export const keptFolder = (folder: StateFolder): string => join(folder.root, 'kept');

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
