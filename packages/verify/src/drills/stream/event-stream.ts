import type { DrillTarget } from '../drill-target.ts';

/** The pipeline of this project whose events go by way of Kafka, by the names that it makes. */
export const STREAM = {
  dag: 'events_stream',
  topic: 'events_stream',
  /** The group of consumers that the nodes are. */
  group: 'events_stream',
  /** On each node the table that reads the topic. */
  queue: 'events_stream_queue',
  events: 'events_stream_local',
  deadLetters: 'events_stream_dead_letters_local',
  /** The task that sends the events. */
  sender: 'produce_events',
} as const;

/** Most events that the pipeline can be asked for. */
export const MOST_EVENTS = 10_000_000;

/** Why a drill that breaks the stream of events cannot be run, if so. */
export async function whyNoStream({
  airflow,
  topics,
  deployment,
}: Pick<DrillTarget, 'airflow' | 'topics' | 'deployment'>): Promise<string | undefined> {
  if (deployment.kafka === undefined) {
    return 'the platform has no Kafka: start one with infra:up --with kafka';
  }
  if (topics === undefined) return 'the secrets have no kafka_password';
  if (airflow === undefined) return 'the platform has no Airflow';
  if (deployment.clickhouse.capabilities.replicatedDatabase) {
    return 'the drill reads the topic once more by tables of one node, which a Replicated database makes on all: start a platform with infra:up --database-engine atomic';
  }
  const dag = await airflow.dag(STREAM.dag).catch(() => undefined);
  return dag === undefined ? `Airflow has no DAG ${STREAM.dag}` : undefined;
}
