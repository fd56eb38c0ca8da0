import type { MessagePlace } from '@provehouse/infra';
import { z } from 'zod';
import { evidence } from '../../clickhouse/evidence.ts';
import { tableName } from '../../clickhouse/cluster.ts';
import type { Finding } from '../../verdict.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { StreamDrill } from '../drill.ts';
import { STREAM, whyNoStream } from './event-stream.ts';
import { POISON } from './poison.ts';

/** How long the task that sends may take to begin. */
const FOLLOWED_SECONDS = 60;

const letterRow = z.object({
  partition: z.coerce.number(),
  offset: z.coerce.number(),
  message: z.string(),
  reason: z.string(),
});

/** What nobody can read as an event. */
export const poisonMessage: StreamDrill = {
  name: 'poison-message',
  title: 'Messages that are no events are sent between the others',
  proves:
    'Each message that is no event is in the dead-letter table with its partition, its offset, its text and a reason, and the events before and behind it flow on.',
  doesNotProve:
    'Anything of messages without a single byte, which ClickHouse passes over, and of values that are events but wrong: what an event must be, the rules of the contract say.',
  workload: 'stream',
  hits: 'sender',
  recoverySeconds: 240,
  unavailable: whyNoStream,
  fault({ cluster, deployment }, _, stream) {
    const messages = [...stream.start.keys()].flatMap((partition) =>
      POISON.map((text) => ({ partition, text })),
    );
    let places: readonly MessagePlace[] = [];
    return Promise.resolve({
      undo: [],
      async inject() {
        places = await stream.topics.send(STREAM.topic, messages);
      },
      async prove() {
        const last = new Map(places.map(({ partition, offset }) => [partition, offset]));
        let followed: number[] = [];
        const isBetween = await comesTrue(FOLLOWED_SECONDS, async () => {
          const offsets = await stream.topics.offsets(STREAM.topic, STREAM.group);
          followed = offsets
            .filter(({ partition, end }) => end > (last.get(partition) ?? Infinity) + 1)
            .map(({ partition }) => partition);
          return followed.length > 0;
        });
        return proof(
          places.length === messages.length && isBetween,
          `the broker has ${messages.length} messages that are no events, and events behind them`,
          `${places.length} messages; events are behind them in ${followed.length === 0 ? 'no partition' : `partition ${followed.join(', ')}`}`,
        );
      },
      async recovered(): Promise<Finding[]> {
        const sent = places.map(({ partition, offset }) => `(${partition}, ${offset})`);
        const sql = `SELECT kafka_partition AS partition, kafka_offset AS offset, message, reason
          FROM ${tableName(deployment, STREAM.deadLetters)} FINAL
          WHERE (kafka_partition, kafka_offset) IN (${sent.join(', ') || '(0, 0)'})`;
        const found = await Promise.all(cluster.nodes.map((node) => node.query(sql, letterRow)));
        const letters = messages.map(({ text }, index) => {
          const place = places[index];
          const letter = found
            .flat()
            .find((one) => one.partition === place?.partition && one.offset === place.offset);
          const reason = letter?.message === text ? letter.reason : '';
          return {
            ...{ partition: place?.partition ?? null, offset: place?.offset ?? null },
            text,
            reason,
          };
        });
        const kept = letters.filter(({ reason }) => reason !== '').length;
        return [
          {
            status: kept === messages.length ? 'passed' : 'failed',
            subject: 'the messages that are no events',
            expected: `${messages.length} dead letters, each with its place, its text and a reason`,
            observed: `${kept}`,
            evidence: [evidence('Dead letters', letters)],
          },
        ];
      },
    });
  },
};
