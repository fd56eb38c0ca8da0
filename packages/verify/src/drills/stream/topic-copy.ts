import { setTimeout as delay } from 'node:timers/promises';
import type { TopicClient } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { ProvehouseError } from '@provehouse/secrets';
import { z } from 'zod';
import { tableName } from '../../clickhouse/cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import { PREFIX } from '../writes/drill-tables.ts';
import { STREAM } from './event-stream.ts';

const POLL_MS = 250;
const READ_WITHIN_SECONDS = 120;

/** Thrown when the topic could not be read to its end. */
export class TopicCopyError extends ProvehouseError {
  override readonly name = 'TopicCopyError';
}

/** The names of a copy of the topic: the table with the messages, and what fills it. */
export interface TopicCopy {
  readonly table: string;
  readonly queue: string;
  readonly view: string;
}

export const topicCopyOf = (id: string): TopicCopy => ({
  table: `${PREFIX}${id}_topic`,
  queue: `${PREFIX}${id}_queue`,
  view: `${PREFIX}${id}_view`,
});

/** The tables of a copy in the order in which they can be dropped. */
export const tablesOf = ({ table, queue, view }: TopicCopy): readonly string[] => [
  view,
  queue,
  table,
];

/** A message's fields, NULL for each that it lacks or that is of another type. */
const FIELDS = `JSONExtract(sent, 'Tuple(id Nullable(UInt64), kind Nullable(String), amount Nullable(Decimal(10, 2)), created_at Nullable(UInt32))')`;

/**
 * Reads the topic from its beginning to its end, in a group of its own, into a table that every node has
 * and one fills: whatever the pipeline did with a message, it is a row here, with its place, whether it is
 * an event, and its content. To be dropped afterwards.
 * @throws QueryError, KafkaError
 * @throws TopicCopyError when the end is not reached in time
 */
export async function copyTopic(
  { cluster, deployment }: DrillTarget,
  topics: TopicClient,
  copy: TopicCopy,
  signal: AbortSignal,
): Promise<void> {
  const [reader] = cluster.nodes;
  if (reader === undefined) throw new RangeError('a cluster has one node at least');
  const [table, queue, view] = [copy.table, copy.queue, copy.view].map((name) =>
    tableName(deployment, name),
  );
  await Promise.all(
    cluster.nodes.map((node) =>
      node.command(
        `CREATE TABLE ${table} (kafka_partition UInt32, kafka_offset UInt64, is_event Bool,
           id UInt64, content UInt64, message String)
         ENGINE = MergeTree ORDER BY (kafka_partition, kafka_offset)`,
      ),
    ),
  );
  // A message is a whole value, whatever is in it: nothing is parsed on the way that could fail.
  await reader.command(
    `CREATE TABLE ${queue} (sent String) ENGINE = Kafka(platform_kafka) SETTINGS
       kafka_topic_list = ${quoteText(STREAM.topic)}, kafka_group_name = ${quoteText(copy.table)},
       kafka_format = 'RawBLOB', kafka_flush_interval_ms = 500`,
  );
  await reader.command(
    `CREATE MATERIALIZED VIEW ${view} TO ${table} AS
     WITH ${FIELDS} AS field,
       isValidJSON(sent) AND JSONType(sent) = 'Object' AND isNotNull(field.id)
         AND isNotNull(field.kind) AND isNotNull(field.amount) AND isNotNull(field.created_at) AS whole
     SELECT toUInt32(_partition) AS kafka_partition, toUInt64(_offset) AS kafka_offset,
       whole AS is_event, ifNull(field.id, 0) AS id,
       if(whole, cityHash64(assumeNotNull(field.id), assumeNotNull(field.kind),
            assumeNotNull(field.amount), toDateTime(assumeNotNull(field.created_at), 'UTC')),
          cityHash64(sent)) AS content,
       if(whole, '', sent) AS message
     FROM ${queue}`,
  );
  const messages = messagesIn(await topics.offsets(STREAM.topic, copy.table));
  const deadline = performance.now() + READ_WITHIN_SECONDS * 1000;
  let before = -1;
  for (;;) {
    const [copied] = await reader.query(`SELECT count() AS rows FROM ${table}`, count);
    const rows = copied?.rows ?? 0;
    const isLate = performance.now() > deadline;
    // Each question to the broker costs a process: it is asked once nothing more comes.
    if (rows >= messages || (rows > 0 && rows === before) || isLate) {
      const left = lagOf(await topics.offsets(STREAM.topic, copy.table));
      if (left === 0) return;
      if (isLate) {
        throw new TopicCopyError(
          `Expected to have read the topic ${STREAM.topic} within ${READ_WITHIN_SECONDS} s, found ${left} messages left. See the log of ${reader.node.name}.`,
        );
      }
    }
    before = rows;
    await delay(POLL_MS, undefined, { signal });
  }
}

const count = z.object({ rows: z.coerce.number() });

type Offsets = Awaited<ReturnType<TopicClient['offsets']>>;

/** Messages that a group has not stored yet. */
export const lagOf = (offsets: Offsets): number =>
  offsets.reduce((sum, { begin, end, committed }) => sum + end - (committed ?? begin), 0);

/** Messages that the topic has. */
export const messagesIn = (offsets: Offsets): number =>
  offsets.reduce((sum, { begin, end }) => sum + end - begin, 0);
