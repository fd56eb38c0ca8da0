import { isDeepStrictEqual } from 'node:util';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { tableName, type NodeClient } from '../../clickhouse/cluster.ts';
import type { NodeContent } from '../account.ts';
import type { DrillTarget } from '../drill-target.ts';
import { belongsHere, slotsOf, type ShardSlots } from '../shard-slots.ts';
import { STREAM } from './event-stream.ts';
import type { TopicCopy } from './topic-copy.ts';

const wrongRow = z.object({ row: z.string(), why: z.string(), parts: z.string() });
const MISSING = 'missing';

/** A table of the pipeline, and which messages of the topic it must have, with what content. */
interface Kept {
  /** What one of its rows is called. */
  readonly word: string;
  readonly table: string;
  readonly isKept: string;
  readonly sent: string;
  readonly held: string;
}

const KEPT: readonly Kept[] = [
  {
    ...{ word: 'event', table: STREAM.events, isKept: 'is_event', sent: 'content' },
    held: "cityHash64(id, kind, amount, toDateTime(created_at, 'UTC'))",
  },
  {
    ...{ word: 'dead letter', table: STREAM.deadLetters, isKept: 'NOT is_event' },
    // A letter is whole when it has the message and a reason.
    sent: 'cityHash64(message, 1)',
    held: "cityHash64(message, reason != '')",
  },
];

/**
 * Compares what every node holds with the copy of the topic: each message, by its partition and offset,
 * is one row on every replica of its shard, of the table that it belongs to, with the same content. Rows
 * of one place that are not merged yet count as the one row that they become (`FINAL`). The nodes compute
 * it; only where the number or the sum of the hashes differs are rows compared one by one, and only what is
 * wrong is fetched.
 * @throws QueryError
 * @throws UnknownShardError
 */
export const streamContents = (target: DrillTarget, copy: TopicCopy): Promise<NodeContent[]> =>
  Promise.all(
    target.cluster.nodes.map(async (client) => {
      const slots = await slotsOf(client, target.deployment.clickhouse.cluster);
      const found = await Promise.all(
        KEPT.map(async (kept) => {
          const sql = wrongSql(target, copy, kept, slots);
          if (await isExact(client, target, copy, kept, slots)) {
            return { sql, missing: [], unexpected: [] };
          }
          return wrongRows(client, sql, `${kept.word} at`);
        }),
      );
      return {
        node: client.node.name,
        missing: found.flatMap(({ missing }) => missing),
        unexpected: found.flatMap(({ unexpected }) => unexpected),
        sql: found.map(({ sql }) => sql),
      };
    }),
  );

/** What a statement finds wrong, by what its rows are called. @throws QueryError */
async function wrongRows(client: NodeClient, sql: string, word: string) {
  const found = await client.query(sql, wrongRow);
  const rows = found.map(({ row, ...rest }) => ({ id: `${word} ${row}`, ...rest }));
  return {
    sql,
    missing: rows.filter(({ why }) => why === MISSING).map(({ id }) => id),
    unexpected: rows.filter(({ why }) => why !== MISSING),
  };
}

const digestRow = z.object({ rows: z.string(), hash: z.string() });

/**
 * Whether a node has as many rows as the topic has messages for it, and the sum of the hashes of place and
 * content is the same: with 64 bits, other rows are as good as never taken for the right ones.
 * @throws QueryError
 */
async function isExact(
  client: NodeClient,
  target: DrillTarget,
  copy: TopicCopy,
  { table, isKept, sent, held }: Kept,
  slots: ShardSlots,
): Promise<boolean> {
  const digestOf = async (content: string, from: string) => {
    const hash = `sum(cityHash64(kafka_partition, kafka_offset, ${content}))`;
    const sql = `SELECT toString(count()) AS rows, toString(${hash}) AS hash FROM ${from}`;
    const [digest] = await client.query(sql, digestRow);
    return digest;
  };
  const here = belongsHere(PLACE_HASH, slots);
  const [onTopic, onNode] = await Promise.all([
    digestOf(sent, `${everywhere(target, copy)} WHERE ${isKept} AND ${here}`),
    digestOf(held, `${tableName(target.deployment, table)} FINAL`),
  ]);
  return isDeepStrictEqual(onTopic, onNode);
}

const PLACE_HASH = 'cityHash64(kafka_partition, kafka_offset)';

/** The copy of the topic, from the node that has it. */
const everywhere = ({ deployment: { clickhouse } }: DrillTarget, copy: TopicCopy): string =>
  `clusterAllReplicas(${[clickhouse.cluster, clickhouse.database, copy.table].map(quoteText).join(', ')})`;

/** The statement that gives a node's rows that are not as the topic has them. */
function wrongSql(
  target: DrillTarget,
  copy: TopicCopy,
  { table, isKept, sent, held }: Kept,
  slots: ShardSlots,
): string {
  const here = belongsHere(PLACE_HASH, slots);
  return `SELECT concat(toString(kafka_partition), '/', toString(kafka_offset)) AS row,
      multiIf(on_topic = 0, 'never sent', NOT here, 'wrong shard', copies = 0, '${MISSING}',
        copies > 1, 'twice', 'changed') AS why, parts
    FROM (SELECT kafka_partition, kafka_offset, ${here} AS here,
            countIf(is_sent) AS on_topic, countIf(NOT is_sent) AS copies,
            anyIf(content, is_sent) AS sent, anyIf(content, NOT is_sent) AS held,
            arrayStringConcat(arraySort(groupUniqArrayIf(part, NOT is_sent)), ', ') AS parts
          FROM (SELECT true AS is_sent, kafka_partition, kafka_offset, ${sent} AS content, '' AS part
                FROM ${everywhere(target, copy)} WHERE ${isKept}
                UNION ALL
                SELECT false, kafka_partition, kafka_offset, ${held}, _part
                FROM ${tableName(target.deployment, table)} FINAL)
          GROUP BY kafka_partition, kafka_offset)
    WHERE if(here AND on_topic > 0, copies != 1 OR sent != held, copies > 0)
    ORDER BY kafka_partition, kafka_offset`;
}

/**
 * Compares the topic itself, as its copy has it, with what it must have: the events 1 … `acknowledged`,
 * each once, and none above `events`.
 * @throws QueryError
 */
export async function topicContent(
  { cluster, deployment }: DrillTarget,
  copy: TopicCopy,
  { events, acknowledged }: { readonly events: number; readonly acknowledged: number },
): Promise<NodeContent> {
  const [reader] = cluster.nodes;
  if (reader === undefined) throw new RangeError('a cluster has one node at least');
  const table = tableName(deployment, copy.table);
  const place = "concat(toString(kafka_partition), '/', toString(kafka_offset))";
  const sql = `SELECT toString(id) AS row,
      multiIf(count() = 1 AND id BETWEEN 1 AND ${events}, '', count() > 1, 'twice', 'never asked for') AS why,
      arrayStringConcat(groupArray(${place}), ', ') AS parts
    FROM ${table} WHERE is_event GROUP BY id HAVING why != '' ORDER BY id
    UNION ALL
    SELECT toString(number), '${MISSING}', '' FROM numbers(1, ${acknowledged})
    WHERE number NOT IN (SELECT id FROM ${table} WHERE is_event)`;
  const { missing, unexpected } = await wrongRows(reader, sql, 'event');
  return { node: `topic ${STREAM.topic}`, missing, unexpected, sql: [sql] };
}

/** How many messages of the topic are events, and how many are none. @throws QueryError */
export async function countMessages(
  { cluster, deployment }: DrillTarget,
  copy: TopicCopy,
): Promise<{ readonly events: number; readonly others: number }> {
  const [reader] = cluster.nodes;
  const sql = `SELECT uniqExactIf(id, is_event) AS events, countIf(NOT is_event) AS others
    FROM ${tableName(deployment, copy.table)}`;
  const count = z.object({ events: z.coerce.number(), others: z.coerce.number() });
  const [found] = (await reader?.query(sql, count)) ?? [];
  return found ?? { events: 0, others: 0 };
}
