import { resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import type { Finding } from '../verdict.ts';
import { askNodes } from './ask-nodes.ts';
import type { NodeClient } from './cluster.ts';
import { qualifiedName } from './named-table.ts';
import { ownShard, shardWeights } from './shard-weights.ts';
import { isRandom, shardingKeyOver, type ShardedTable, type ShardingKey } from './sharding-key.ts';
import { shardsOf } from './shards.ts';

/** What the first replica of a shard holds of a table. */
export interface ShardKeys {
  readonly client: NodeClient;
  readonly rows: number;
  /** Distinct values of the sharding key, or those of a sample. */
  readonly keys: number;
  readonly key: ShardingKey;
  /** The shard's weight as this replica knows it; 0 where it is in no shard. */
  readonly weight: number;
  readonly sql: string;
}

/** The shards in their order, or findings where some could not be asked. */
export interface ShardKeysAnswer {
  readonly shards: readonly ShardKeys[];
  /** The sample holds one of so many keys; 1 where all are counted. */
  readonly oneOf: number;
  readonly silent: readonly Finding[];
}

/** So many distinct keys of all shards are counted; of more a sample of about as many is. */
const COUNTED_KEYS = 2_000_000;

const countRow = z.object({ rows: z.coerce.number() });
const keysRow = resultRow({ rows: z.coerce.number(), keys: z.coerce.number() });

/**
 * The rows and distinct keys on the first replica of each shard. Exact numbers, in bounded memory: a key
 * belongs to the sample by another hash than the one that places it, with all its rows or none.
 */
export async function askShardKeys(
  { cluster, deployment }: Pick<ClusterContext, 'cluster' | 'deployment'>,
  tables: ShardedTable,
  shardingKey: string,
): Promise<ShardKeysAnswer> {
  const firsts = shardsOf(cluster).flatMap(({ replicas }) => replicas.slice(0, 1));
  const table = qualifiedName(deployment, tables.local);
  const prepared = await askNodes(firsts, async (client) => ({
    rows: (await client.query(`SELECT count() AS rows FROM ${table}`, countRow))[0]?.rows ?? 0,
    weight:
      ownShard(await shardWeights(client, deployment.clickhouse.cluster), client.node)?.weight ?? 0,
    key: await shardingKeyOver(client, deployment, tables, shardingKey),
  }));
  const total = prepared.answers.reduce((rows, { value }) => rows + value.rows, 0);
  const oneOf = Math.max(1, Math.ceil(total / COUNTED_KEYS));
  if (prepared.silent.length > 0) return { shards: [], oneOf, silent: prepared.silent };
  const known = new Map(prepared.answers.map(({ client, value }) => [client, value]));
  const { answers, silent } = await askNodes(firsts, async (client) => {
    const found = known.get(client);
    if (found === undefined) throw new RangeError(`${client.node.name} gave no sharding key`);
    const { key, weight } = found;
    const sql = `SELECT count() AS ${resultName('rows')},
      ${distinct(key, oneOf, isRandom(shardingKey))} AS ${resultName('keys')} FROM ${table}`;
    const [counted] = await client.query(sql, keysRow);
    return { rows: counted?.rows ?? 0, keys: counted?.keys ?? 0, key, weight, sql };
  });
  const shards = answers.map(({ client, value }) => ({ client, ...value }));
  return { shards, oneOf, silent };
}

/** Of a key that is another each time, each row is one of its own; one that routes nothing has none. */
function distinct({ number }: ShardingKey, oneOf: number, random: boolean): string {
  if (number === undefined) return '0';
  if (random) return 'count()';
  return oneOf === 1
    ? `uniqExact(${number})`
    : `uniqExactIf(${number}, sipHash64(${number}) % ${oneOf} = 0)`;
}
