import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { docker, EngineError } from './engine.ts';
import type { Module } from '../runtime.ts';
import { BUILT_IMAGES, type BuiltImage } from './images.ts';

const imagesSchema = z.record(
  z.string(),
  z.object({ reference: z.string(), standIn: z.string().optional() }),
);

/** Images that were built on this machine, by what they serve; all others come from a registry. */
export type ProvidedImages = z.infer<typeof imagesSchema>;

/** What the image of the nodes can do, as its labels say; an image without labels is an official one. */
export interface NodeImage {
  readonly engine: 'chdb' | 'server';
  readonly replication: 'keeper' | 'distributed-writes';
}

/** The images that were built here, which `images.json` in the cache lists. */
export async function readProvidedImages(cache: string): Promise<ProvidedImages> {
  const file = join(cache, 'images.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  const parsed = imagesSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new EngineError(
      `Expected image references in ${file}:\n${z.prettifyError(parsed.error)}\nRemove the file and run \`npx nx run tools:images\`.`,
    );
  }
  return parsed.data;
}

/** What is needed of an image that no registry has, and the names that it is built by. */
const NEEDED = {
  airflow: {
    what: "Airflow with what the platform's modules need",
    words: 'airflow airflow-modules',
  },
  superset: { what: 'Superset', words: 'superset' },
} as const satisfies Record<BuiltImage, object>;

/**
 * Makes sure that the engine has those of the images that were built here which are used, all unless said.
 * @throws EngineError with the command that builds them, also for those that no registry has
 */
export async function checkProvidedImages(
  images: ProvidedImages,
  used: readonly string[] = Object.keys(images),
): Promise<void> {
  const unbuilt = BUILT_IMAGES.find((name) => used.includes(name) && images[name] === undefined);
  if (unbuilt !== undefined) {
    const { what, words } = NEEDED[unbuilt];
    throw new EngineError(
      `Expected an image of ${what}, found none. Run \`npx nx run tools:images ${words}\`.`,
    );
  }
  const references = Object.entries(images)
    .filter(([name]) => used.includes(name))
    .map(([, { reference }]) => reference);
  const found = await Promise.all(
    references.map((reference) => docker(['image', 'ls', '--quiet', reference])),
  );
  const missing = references.filter((_, index) => found[index] === '');
  if (missing.length > 0) {
    throw new EngineError(
      `Expected ${missing.join(', ')} on the engine, found none. Run \`npx nx run tools:images\`.`,
    );
  }
}

/** What is listed of Airflow's image: as it is without modules, and with the packages that they need. */
export type AirflowImage = 'airflow' | 'airflow-modules';

/** The groups of the project's lock that an image with the packages of modules has. */
export const MODULE_GROUPS = [
  'kafka',
  'storage',
  'monitoring',
] as const satisfies readonly Module[];

/** The image with what these modules need. */
export const airflowImageOf = (modules: readonly Module[]): AirflowImage =>
  MODULE_GROUPS.some((group) => modules.includes(group)) ? 'airflow-modules' : 'airflow';

/** The groups that it has: one image serves all modules, so that another module needs no other. */
export const airflowGroupsOf = (modules: readonly Module[]): readonly string[] =>
  airflowImageOf(modules) === 'airflow' ? [] : MODULE_GROUPS;

/** The images that a platform with these modules uses of those that were built here. */
export function imagesFor(
  { 'airflow-modules': withModules, ...images }: ProvidedImages,
  modules: readonly Module[],
): ProvidedImages {
  if (airflowImageOf(modules) === 'airflow') return images;
  const { airflow: _, ...others } = images;
  return { ...others, ...(withModules && { airflow: withModules }) };
}

/** The references of images that were built here. */
export const referencesOf = (images: ProvidedImages): Record<string, string> =>
  Object.fromEntries(Object.entries(images).map(([image, { reference }]) => [image, reference]));

/** What the nodes' image can do: the one that was chosen, else the one that was built here, if any. */
export async function nodeImage(
  { clickhouse }: ProvidedImages,
  chosen?: string,
): Promise<NodeImage> {
  const reference = chosen ?? clickhouse?.reference;
  if (reference === undefined) return { engine: 'server', replication: 'keeper' };
  const format = '{{json .Config.Labels}}';
  const asked = docker(['image', 'inspect', '--format', format, reference]);
  // One that was chosen may be in its registry still.
  const text = await (chosen === undefined ? asked : asked.catch(() => 'null'));
  const labels = z.record(z.string(), z.string()).catch({}).parse(JSON.parse(text));
  return {
    engine: labels['org.provehouse.engine'] === 'chdb' ? 'chdb' : 'server',
    replication:
      labels['org.provehouse.replication'] === 'distributed-writes'
        ? 'distributed-writes'
        : 'keeper',
  };
}
