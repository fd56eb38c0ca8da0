import type { TopicClient } from '@provehouse/infra';
import { AirflowClient } from '@provehouse/infra/airflow';
import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../../test/drill-target.ts';
import { whyNoStream } from './event-stream.ts';

const { target } = imaginaryTarget();
const kafka = { host: '127.0.0.1', port: 1, user: 'etl' };
const topics: TopicClient = {
  offsets: () => Promise.resolve([]),
  send: () => Promise.resolve([]),
};
/** Nothing answers there. */
const airflow = new AirflowClient('http://127.0.0.1:1', { username: 'nobody', password: '' });
const withKafka = { deployment: { ...target.deployment, kafka }, topics };
const { clickhouse } = target.deployment;
const capabilities = { ...clickhouse.capabilities, replicatedDatabase: true };

test.each([
  ['a platform without Kafka', { ...target, airflow }, 'infra:up --with kafka'],
  ['one without its password', { deployment: withKafka.deployment }, 'no kafka_password'],
  ['one without Airflow', withKafka, 'no Airflow'],
  [
    'one with a Replicated database',
    {
      ...withKafka,
      airflow,
      deployment: { ...withKafka.deployment, clickhouse: { ...clickhouse, capabilities } },
    },
    '--database-engine atomic',
  ],
])('the stream of %s is not broken, and it is said why', async (_, given, reason) => {
  expect(await whyNoStream(given)).toContain(reason);
});
