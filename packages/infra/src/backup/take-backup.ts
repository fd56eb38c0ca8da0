import pLimit from 'p-limit';
import { z } from 'zod';
import { quoteText } from '../clickhouse/quote.ts';
import { BACKUPS_COLLECTION } from '../clickhouse/storage.ts';
import { BackupError } from './backup-error.ts';
import { backupFolder, checkBackupName, shardPath } from './backup-name.ts';
import { firstNode, type BackupPlace, type PlatformShard } from './backup-place.ts';
import {
  renderManifest,
  sealOf,
  type BackedUpObject,
  type BackedUpShard,
  type BackedUpTable,
  type Manifest,
} from './manifest.ts';
import { runOperation, together } from './node-operation.ts';
import { listBackups, readManifest } from './read-backups.ts';
import { removeObjects } from './remove-backup.ts';
import { agreedContents, expectUnchanged, sourceOf, type Contents } from './shard-contents.ts';
import { askTables, qualified, type FoundTable } from './stored-tables.ts';

const PARALLEL = 4;

export interface BackupOptions {
  readonly name: string;
  /** A backup that holds what has not changed since; `latest` for the newest one. */
  readonly base?: string;
  /** The tables; all whose rows replicate by default. */
  readonly tables?: readonly string[];
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
}

/** Takes the newest of the backups for a base. */
export const LATEST = 'latest';

/**
 * Backs up the platform's database: of each shard the rows that its first replica has, once, and of each
 * replica what it holds. The manifest is written last; of a backup that was not finished nothing is left.
 * @throws BackupError where replicas differ, rows change meanwhile, or the name is taken
 */
export async function takeBackup(place: BackupPlace, options: BackupOptions): Promise<Manifest> {
  const { bucket, prefix, shards } = place;
  const { signal, onPhase } = options;
  const name = checkBackupName(options.name);
  const folder = backupFolder(prefix, name);
  if ((await bucket.list(folder.root)).length > 0) {
    throw new BackupError(
      `There is a backup ${name} already, or a part of one. Choose another name, or remove it: infra:backup ${name} --remove.`,
    );
  }
  const base = options.base === undefined ? undefined : await baseOf(place, options.base);
  const { chosen, definitions, leftOut } = await chooseTables(place, options.tables);
  onPhase('what each replica holds');
  const before = await Promise.all(
    shards.map((shard) => agreedContents(place, shard, chosen, signal)),
  );
  try {
    onPhase('the rows of each shard');
    await together(shards, signal, (shard, stop) =>
      backUpShard(place, shard, { name, base, chosen, signal: stop }),
    );
    onPhase('whether they are what each replica holds');
    await Promise.all(
      shards.map((shard, index) =>
        expectUnchanged(place, shard, chosen, before[index] ?? new Map()),
      ),
    );
    const held: BackedUpShard[] = [];
    for (const [index, shard] of shards.entries()) {
      const tables = await describeTables(place, shard, chosen, before[index] ?? new Map());
      const objects = await objectsBelow(place, folder.shard(shard.shard), signal);
      held.push({
        ...{ shard: shard.shard, takenFrom: sourceOf(shard).node.name, tables, objects },
      });
    }
    const { clickhouse, name: platform } = place.deployment;
    const manifest: Manifest = {
      ...{ formatVersion: 1, name, createdAt: new Date().toISOString(), platform },
      ...{ clickhouse: clickhouse.version, database: clickhouse.database },
      ...(base && { base: { name: base.name, seal: sealOf(base) } }),
      ...{ shards: held, definitions, leftOut: [...leftOut] },
    };
    signal.throwIfAborted();
    await bucket.write(folder.manifest, renderManifest(manifest));
    return manifest;
  } catch (error) {
    await removeObjects(place, name);
    throw error;
  }
}

/** @throws BackupError where there is none that fits */
async function baseOf(place: BackupPlace, wanted: string): Promise<Manifest> {
  const { database } = place.deployment.clickhouse;
  const base = wanted === LATEST ? await latest(place) : await readManifest(place, wanted);
  if (base.database === database) return base;
  throw new BackupError(
    `Expected a base of the database ${database}, found ${base.name} of ${base.database}.`,
  );
}

async function latest(place: BackupPlace): Promise<Manifest> {
  const found = (await listBackups(place)).findLast((backup) => 'manifest' in backup);
  if (found !== undefined && 'manifest' in found) return found.manifest;
  throw new BackupError(
    'Expected a backup that the next one can be based on, found none. Take one without --incremental first.',
  );
}

/** The tables that are asked for, as every node has them. @throws BackupError for one that is not everywhere */
async function chooseTables(place: BackupPlace, wanted: readonly string[] | undefined) {
  const { database } = place.deployment.clickhouse;
  const first = firstNode(place);
  const { replicated, definitions, leftOut } = await askTables(first, database);
  const absent = wanted?.find((name) => !replicated.some((table) => table.name === name));
  if (absent !== undefined) {
    const known = replicated.map(({ name }) => name).join(', ') || 'none';
    throw new BackupError(
      `Expected tables of ${database} whose rows replicate, found no ${absent} among them: ${known}.`,
    );
  }
  const chosen = replicated.filter(({ name }) => wanted?.includes(name) ?? true);
  if (chosen.length === 0) {
    throw new BackupError(
      `Expected tables of ${database} whose rows replicate, found none: there is nothing to back up.`,
    );
  }
  for (const node of place.shards.flatMap(({ nodes }) => nodes)) {
    const own = (await askTables(node, database)).replicated;
    const lacking = chosen.find(
      ({ name, definition }) => own.find((table) => table.name === name)?.definition !== definition,
    );
    if (lacking === undefined) continue;
    throw new BackupError(
      `Expected every node to have ${lacking.name} as ${first.node.name} has it, found that ${node.node.name} has none or another.`,
    );
  }
  return {
    chosen,
    definitions:
      wanted === undefined
        ? definitions.map(({ name, engine, definition }) => ({ name, engine, definition }))
        : [],
    leftOut: wanted === undefined ? leftOut : [],
  };
}

async function backUpShard(
  { deployment }: BackupPlace,
  shard: PlatformShard,
  {
    name,
    base,
    chosen,
    signal,
  }: {
    readonly name: string;
    readonly base: Manifest | undefined;
    readonly chosen: readonly FoundTable[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { database } = deployment.clickhouse;
  const tables = chosen.map((table) => `TABLE ${qualified(database, table.name)}`).join(', ');
  const hasBase = base?.shards.some((other) => other.shard === shard.shard);
  const settings = hasBase
    ? ` SETTINGS base_backup = ${placeSql(base?.name ?? '', shard.shard)}`
    : '';
  await runOperation(
    sourceOf(shard),
    `BACKUP ${tables} TO ${placeSql(name, shard.shard)}${settings}`,
    signal,
  );
}

/** Where a shard of a backup is, without keys. */
export const placeSql = (name: string, shard: string): string =>
  `S3(${BACKUPS_COLLECTION}, ${quoteText(shardPath(name, shard))})`;

const replicaRow = z.object({ path: z.string(), replica: z.string() });

async function describeTables(
  { deployment }: BackupPlace,
  { nodes }: PlatformShard,
  tables: readonly FoundTable[],
  contents: Contents,
): Promise<BackedUpTable[]> {
  const { database } = deployment.clickhouse;
  const described: BackedUpTable[] = [];
  for (const { name, engine, uuid, definition } of tables) {
    const replicas: Record<string, string> = {};
    let coordinationPath = '';
    for (const node of nodes) {
      const [found] = await node.query(
        `SELECT zookeeper_path AS path, replica_name AS replica FROM system.replicas
         WHERE database = ${quoteText(database)} AND table = ${quoteText(name)}`,
        replicaRow,
      );
      replicas[node.node.name] = found?.replica ?? '';
      coordinationPath = found?.path ?? '';
    }
    described.push({
      ...{ name, engine, uuid, definition, coordinationPath, replicas },
      contents: [...(contents.get(name) ?? [])],
    });
  }
  return described;
}

/** What a shard of a backup consists of, each object read once. */
async function objectsBelow(
  { bucket }: BackupPlace,
  folder: string,
  signal: AbortSignal,
): Promise<BackedUpObject[]> {
  const listed = await bucket.list(folder);
  return pLimit(PARALLEL).map(listed, async ({ key }) => {
    const found = await bucket.digest(key, signal);
    if (found === undefined)
      throw new BackupError(`${key} was deleted while the backup was taken.`);
    return { key: key.slice(folder.length), ...found };
  });
}
