import type { TopicClient } from '@provehouse/infra';
import type { AirflowClient, DagRun } from '@provehouse/infra/airflow';
import { z } from 'zod';
import { tableName } from '../../clickhouse/cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import { STREAM } from './event-stream.ts';

/** A run of the pipeline whose events are on their way, as faults see it. */
export interface Stream {
  readonly topics: TopicClient;
  /** Events that the run sends at least. */
  readonly sent: number;
  /** By partition, the offset from which on its messages are those of the run. */
  readonly start: ReadonlyMap<number, number>;
  /** Events of the run that the nodes which answer have stored. */
  stored(): Promise<number>;
  /** Messages of the run that the nodes have stored and committed. */
  committed(): Promise<number>;
  /** Messages of the run that the topic has by now. */
  onTopic(): Promise<number>;
  /** Whether the task that sends them is running. */
  isSending(): Promise<boolean>;
}

const count = z.object({ rows: z.coerce.number() });

/** @param before how far the topic went before the run */
export function streamOf(
  { cluster, deployment }: DrillTarget,
  { airflow, topics, run }: { airflow: AirflowClient; topics: TopicClient; run: DagRun },
  before: Awaited<ReturnType<TopicClient['offsets']>>,
  sent: number,
): Stream {
  const start = new Map(before.map(({ partition, end }) => [partition, end]));
  const isNew = [...start].map(
    ([partition, end]) => `(kafka_partition = ${partition} AND kafka_offset >= ${end})`,
  );
  const sql = `SELECT count() AS rows FROM ${tableName(deployment, STREAM.events)} FINAL
    WHERE ${isNew.join(' OR ') || 'true'}`;
  return {
    ...{ topics, sent, start },
    async stored() {
      const shards = new Map<string, number>();
      await Promise.all(
        cluster.nodes.map(async (client) => {
          // One that is killed counts nothing.
          const [found] = await client.query(sql, count).catch(() => []);
          const { shard } = client.node;
          shards.set(shard, Math.max(shards.get(shard) ?? 0, found?.rows ?? 0));
        }),
      );
      return [...shards.values()].reduce((sum, rows) => sum + rows, 0);
    },
    async committed() {
      const offsets = await topics.offsets(STREAM.topic, STREAM.group);
      return offsets.reduce((sum, { partition, begin, committed }) => {
        const from = start.get(partition) ?? begin;
        return sum + Math.max(0, (committed ?? from) - from);
      }, 0);
    },
    async onTopic() {
      const offsets = await topics.offsets(STREAM.topic, STREAM.group);
      return offsets.reduce(
        (sum, { partition, begin, end }) => sum + end - (start.get(partition) ?? begin),
        0,
      );
    },
    async isSending() {
      const tasks = await airflow.taskInstances(run.dagId, run.runId);
      return tasks.find(({ taskId }) => taskId === STREAM.sender)?.state === 'running';
    },
  };
}
