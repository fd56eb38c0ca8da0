import type { ClickHouseSettings } from '@clickhouse/client';
import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { DrillTarget } from '../drill-target.ts';
import { quorumOf, type Guarantee } from '../guarantee.ts';

/** The tables that a drill writes to, and nobody else. */
export interface DrillTables {
  readonly local: string;
  readonly distributed: string;
}

export const PREFIX = 'provehouse_drill_';

/** Settings that make an insert end only when every shard has its rows, in the names that versions have. */
const SYNCHRONOUS = ['distributed_foreground_insert', 'insert_distributed_sync'] as const;

/** Less than the writer waits, so that it hears why an insert has no quorum. */
const QUORUM_TIMEOUT_MS = 3_000;

/** Makes the tables on every node, empty. @throws QueryError */
export async function createDrillTables(
  { cluster, deployment }: DrillTarget,
  id: string,
): Promise<DrillTables> {
  const { clickhouse } = deployment;
  const { replication, distributedDdl } = clickhouse.capabilities;
  const tables = { local: `${PREFIX}${id}_local`, distributed: `${PREFIX}${id}` };
  const database = quoteName(clickhouse.database);
  const clause = distributedDdl ? ` ON CLUSTER ${quoteName(clickhouse.cluster)}` : '';
  const engine =
    replication === 'keeper'
      ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/${tables.local}', '{replica}') ORDER BY id`
      : // As replicated tables do, it takes a block that is sent again for the one that it has.
        'MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 10000';
  const columns = '(id UInt64, batch UInt32, payload String)';
  const key = 'cityHash64(id)';
  const statements = [
    `CREATE TABLE ${database}.${tables.local}${clause} ${columns} ENGINE = ${engine}`,
    `CREATE TABLE ${database}.${tables.distributed}${clause} ${columns} ENGINE = Distributed(
       ${quoteText(clickhouse.cluster)}, ${quoteText(clickhouse.database)}, ${tables.local}, ${key})`,
  ];
  const nodes = distributedDdl ? cluster.nodes.slice(0, 1) : cluster.nodes;
  await Promise.all(
    nodes.map(async (node) => {
      for (const statement of statements) await node.command(statement);
    }),
  );
  return tables;
}

/**
 * Settings of an insert that is refused or written, never sent later, and acknowledged as the guarantee
 * says: with a quorum, many inserts may wait for theirs side by side (`insert_quorum_parallel`), as they
 * do by default.
 * @throws QueryError
 */
export async function insertSettings(
  { cluster, deployment }: DrillTarget,
  guarantee: Guarantee,
): Promise<ClickHouseSettings> {
  const [node] = cluster.nodes;
  if (node === undefined) throw new RangeError('a cluster has one node at least');
  const names = [...SYNCHRONOUS, 'async_insert'].map(quoteText).join(', ');
  const known = await node.query(
    `SELECT name FROM system.settings WHERE name IN (${names})`,
    z.object({ name: z.string() }),
  );
  const has = (name: string): boolean => known.some((setting) => setting.name === name);
  const synchronous = SYNCHRONOUS.find(has);
  if (synchronous === undefined) throw new RangeError('the server has no synchronous inserts');
  return {
    [synchronous]: '1',
    ...(has('async_insert') && { async_insert: 0 }),
    ...(guarantee === 'quorum' && {
      insert_quorum: String(quorumOf(deployment)),
      insert_quorum_timeout: QUORUM_TIMEOUT_MS,
    }),
  };
}
