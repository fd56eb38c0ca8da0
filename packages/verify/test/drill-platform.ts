import { connectTopics, type TopicClient } from '@provehouse/infra';
import type { DrillTarget } from '../src/drills/drill-target.ts';
import { startAirflowPlatform, type AirflowPlatform } from './airflow-platform.ts';

/** The smallest on which a partition can be taken over, and a double come to another shard. */
const SHAPE = { shards: 2, replicas: 1, replication: 'distributed-writes' } as const;

/** What drills of Airflow and of the stream break. */
export interface DrillPlatform extends AirflowPlatform {
  readonly target: DrillTarget;
  readonly topics: TopicClient;
}

/** The platform with Airflow and Kafka that the files of drills share. */
export async function startDrillPlatform(): Promise<DrillPlatform> {
  const platform = await startAirflowPlatform({ ...SHAPE, with: ['kafka'] }, ['events_stream.py']);
  const { deployment, contract, cluster, runtime, airflow, secrets } = platform;
  const { kafka_password = '' } = secrets;
  const topics = connectTopics(deployment, { kafka_password });
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const target = { deployment, contract, cluster, runtime, airflow, account, topics };
  return { ...platform, target, topics };
}
