import { z } from 'zod';
import type { ConnectedNode } from '../clickhouse/node-client.ts';
import { QueryError } from '../clickhouse/query-error.ts';
import { quoteName, quoteText } from '../clickhouse/quote.ts';
import { retryUntil } from '../system/retry-until.ts';
import { BackupError } from './backup-error.ts';
import type { BackupPlace, PlatformShard } from './backup-place.ts';
import type { BackedUpTable, Manifest } from './manifest.ts';
import { runOperation, together } from './node-operation.ts';
import { proveBackup } from './read-backups.ts';
import { makeDefinitions } from './restore-definitions.ts';
import { planRestore, type ShardPlan } from './restore-plan.ts';
import { askContent, qualified, sameContent } from './stored-tables.ts';
import { placeSql } from './take-backup.ts';

/** Replicas get rows as fast as the disks take them; more than this without an end is a fault. */
const AGREEMENT_SECONDS = 120;
/** Longer than a session in coordination lasts without a sign of life. */
const SESSION_SECONDS = 60;
/** What ClickHouse says of a replica that it does not drop (TABLE_WAS_NOT_DROPPED). */
const STILL_ACTIVE = '305';

export interface RestoreOptions {
  readonly name: string;
  /** The shards that are restored; all of the backup by default. */
  readonly shards?: readonly string[];
  /** Whether tables that hold other rows are dropped before. */
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
}

/** What became of a table of a shard. */
export interface RestoredTable {
  readonly shard: string;
  readonly table: string;
  /** On each replica, which hold the same. */
  readonly rows: number;
  readonly nodes: readonly string[];
  /** Whether its rows came out of the backup; else they were there already. */
  readonly restored: boolean;
}

/**
 * Brings back what a backup holds, and proves that every replica of each shard then holds what it held. No
 * table is dropped or made before every object of the backup has been read and is what was written.
 * @throws BackupError for a backup that is not whole, tables with other rows, and replicas that do not
 *   hold what they must in the end
 */
export async function restoreBackup(
  place: BackupPlace,
  { name, shards, replace, signal, onPhase }: RestoreOptions,
): Promise<RestoredTable[]> {
  onPhase('every object of the backup');
  const [manifest] = await proveBackup(place, name, signal);
  onPhase('the tables that are there');
  const wish = { replace, ...(shards && { only: shards }) };
  const plans = await planRestore(place, manifest, wish);
  await expectFreeUuids(plans);
  onPhase('the rows of each shard');
  await together(plans, signal, (plan, stop) => restoreShard(plan, manifest, stop));
  onPhase('the tables without rows of their own');
  await makeDefinitions(place, manifest);
  onPhase('whether every replica holds what it held');
  return (await Promise.all(plans.map((plan) => proveShard(plan, manifest, signal)))).flat();
}

const countRow = z.object({ found: z.coerce.number() });
const nameRow = z.object({ name: z.string() });

/** A table that was dropped a moment ago is still there under its UUID. @throws BackupError */
async function expectFreeUuids(plans: readonly ShardPlan[]): Promise<void> {
  for (const { shard, tables } of plans) {
    for (const { table, make, drop } of tables) {
      for (const node of shard.nodes.filter((one) => make.includes(one.node.name))) {
        if (drop.includes(node.node.name) || !needsUuid(table)) continue;
        const sql = `SELECT count() AS found FROM system.dropped_tables WHERE uuid = ${quoteText(table.uuid)}`;
        const [row] = await node.query(sql, countRow);
        if ((row?.found ?? 0) === 0) continue;
        throw new BackupError(
          `Expected ${table.name} to be gone from ${node.node.name}, found that it was dropped and is still removed, for eight minutes as a rule. Nothing was restored: wait for it. (DROP TABLE … SYNC removes at once.)`,
        );
      }
    }
  }
}

/** Replicas whose path has the UUID find each other by it. */
const needsUuid = ({ definition }: BackedUpTable): boolean => definition.includes('{uuid}');

async function restoreShard(
  { shard, tables }: ShardPlan,
  { name, database }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  // A node that has lost its disk has no database either.
  for (const node of shard.nodes) {
    await node.command(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  }
  for (const { table, drop } of tables) {
    for (const node of nodesOf(shard, drop)) {
      await node.command(`DROP TABLE ${qualified(database, table.name)} SYNC`);
    }
  }
  for (const { table, make } of tables) {
    const nodes = nodesOf(shard, make);
    for (const node of nodes) await forgetReplica(node, table, signal);
    for (const node of nodes) await node.command(makingSql(database, table));
  }
  const filled = tables.filter(({ rows }) => rows).map(({ table }) => table);
  const [node] = shard.nodes;
  if (filled.length === 0 || node === undefined) return;
  const list = filled.map((table) => `TABLE ${qualified(database, table.name)}`).join(', ');
  await runOperation(
    node,
    // The definition in the backup has another text than the one of the node, and is the same.
    `RESTORE ${list} FROM ${placeSql(name, shard.shard)} SETTINGS create_table = 'must-exist', allow_different_table_def = 1`,
    signal,
  );
}

const nodesOf = ({ nodes }: PlatformShard, names: readonly string[]): ConnectedNode[] =>
  nodes.filter(({ node }) => names.includes(node.name));

/**
 * Takes a replica out of coordination whose table its node has lost, as one that lost its disk: a new one
 * could not have its name. ClickHouse refuses it for one that is active, and one whose node was killed is
 * so until its session has expired.
 */
async function forgetReplica(
  node: ConnectedNode,
  table: BackedUpTable,
  signal: AbortSignal,
): Promise<void> {
  const replica = table.replicas[node.node.name];
  if (replica === undefined) return;
  const registered = await node.query(
    `SELECT name FROM system.zookeeper WHERE path = ${quoteText(`${table.coordinationPath}/replicas`)} AND name = ${quoteText(replica)}`,
    nameRow,
  );
  if (registered.length === 0) return;
  const forget = `SYSTEM DROP REPLICA ${quoteText(replica)} FROM ZKPATH ${quoteText(table.coordinationPath)}`;
  await retryUntil(() => node.command(forget), {
    signal: AbortSignal.any([signal, AbortSignal.timeout(SESSION_SECONDS * 1000)]),
    interval: 500,
    isFinal: (error) => !(error instanceof QueryError && error.code === STILL_ACTIVE),
  });
}

/** The statement that makes a table, under the UUID that it had where its path needs that. */
export const makingSql = (database: string, table: BackedUpTable): string =>
  needsUuid(table)
    ? table.definition.replace(
        /^CREATE TABLE (?:`(?:[^`\\]|\\.)*`|\w+)\.(?:`(?:[^`\\]|\\.)*`|\w+)/,
        () => `CREATE TABLE ${qualified(database, table.name)} UUID ${quoteText(table.uuid)}`,
      )
    : table.definition;

/** @throws BackupError where a replica does not come to hold what it held */
async function proveShard(
  { shard, tables }: ShardPlan,
  { name, database }: Manifest,
  signal: AbortSignal,
): Promise<RestoredTable[]> {
  const proven: RestoredTable[] = [];
  for (const { table, rows: restored } of tables) {
    const [held] = table.contents;
    if (held === undefined) continue;
    await Promise.all(
      shard.nodes.map((node) => proveReplica(node, { name, database, table, signal })),
    );
    const nodes = shard.nodes.map(({ node }) => node.name);
    proven.push({ shard: shard.shard, table: table.name, rows: held.rows, nodes, restored });
  }
  return proven;
}

async function proveReplica(
  node: ConnectedNode,
  {
    name,
    database,
    table,
    signal,
  }: {
    readonly name: string;
    readonly database: string;
    readonly table: BackedUpTable;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  // A replica may have another name than when the backup was taken; all of the shard held the same.
  const held =
    table.contents.find((content) => content.node === node.node.name) ?? table.contents[0];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(AGREEMENT_SECONDS * 1000)]);
  await retryUntil(
    async () => {
      await node.command(`SYSTEM SYNC REPLICA ${qualified(database, table.name)}`);
      const found = await askContent(node, database, table);
      if (held !== undefined && sameContent(held, found)) return;
      throw new BackupError(
        `Expected ${node.node.name} to hold ${held?.rows ?? 0} rows of ${table.name} with the hash ${held?.hash ?? ''}, as when ${name} was taken; found ${found.rows} with ${found.hash}.`,
      );
    },
    { signal: limit, interval: 500, isFinal: (error) => !(error instanceof BackupError) },
  );
}
