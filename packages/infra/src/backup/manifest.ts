import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';

const contentSchema = z.strictObject({
  node: z.string(),
  rows: z.int(),
  /** The sum of the rows' hashes over all columns that are stored. */
  hash: z.string(),
});

const tableSchema = z.strictObject({
  name: z.string(),
  engine: z.string(),
  uuid: z.string(),
  /** The statement that makes it. */
  definition: z.string(),
  /** Where its replicas agree, and as whom, by node. */
  coordinationPath: z.string(),
  replicas: z.record(z.string(), z.string()),
  /** What each replica held when the backup was taken. */
  contents: z.array(contentSchema).min(1),
});

const objectSchema = z.strictObject({
  /** Below the folder of the shard. */
  key: z.string(),
  size: z.int(),
  sha256: z.string(),
});

const shardSchema = z.strictObject({
  shard: z.string(),
  /** The node that its rows were taken from. */
  takenFrom: z.string(),
  tables: z.array(tableSchema).min(1),
  objects: z.array(objectSchema).min(1),
});

const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  platform: z.string(),
  clickhouse: z.string(),
  database: z.string(),
  /** The backup that holds what has not changed since, and the seal of its manifest. */
  base: z.strictObject({ name: z.string(), seal: z.string() }).optional(),
  shards: z.array(shardSchema).min(1),
  /** Tables that have no rows of their own, such as Distributed ones and views. */
  definitions: z.array(
    z.strictObject({ name: z.string(), engine: z.string(), definition: z.string() }),
  ),
  /** Tables that are not in the backup, and why. */
  leftOut: z.array(z.strictObject({ name: z.string(), why: z.string() })),
});

/** What a backup holds; it is written last, so that a backup without one is not whole. */
export type Manifest = z.infer<typeof manifestSchema>;
export type BackedUpShard = z.infer<typeof shardSchema>;
export type BackedUpTable = z.infer<typeof tableSchema>;
export type BackedUpObject = z.infer<typeof objectSchema>;
/** What a table holds on a node. */
export type TableContent = z.infer<typeof contentSchema>;

const sealedSchema = z.strictObject({ seal: z.string(), manifest: z.unknown() });

/** The SHA-256 of a manifest: it shows a change, and does not keep anybody from making one. */
export const sealOf = (manifest: unknown): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex');

export const renderManifest = (manifest: Manifest): string =>
  `${JSON.stringify({ seal: sealOf(manifest), manifest }, null, 1)}\n`;

/** The manifest of a text. @throws BackupError where it is not what was written */
export function parseManifest(name: string, text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw changed(name, `it is not JSON: ${(cause as Error).message}`, cause);
  }
  const sealed = sealedSchema.safeParse(json);
  if (!sealed.success) throw changed(name, z.prettifyError(sealed.error), sealed.error);
  const { seal, manifest } = sealed.data;
  if (sealOf(manifest) !== seal)
    throw changed(name, 'its content has another SHA-256 than it says');
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) throw changed(name, z.prettifyError(parsed.error), parsed.error);
  if (parsed.data.name !== name) throw changed(name, `it is of the backup ${parsed.data.name}`);
  return parsed.data;
}

const changed = (name: string, why: string, cause?: unknown): BackupError =>
  new BackupError(
    `The backup ${name} has been changed: its manifest.json is not as it was written (${why}).`,
    {
      cause,
    },
  );
