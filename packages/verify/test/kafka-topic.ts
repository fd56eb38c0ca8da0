import { join } from 'node:path';
import type { Deployment } from '@provehouse/infra';
import { $ } from 'zx';

const PYTHON = join(import.meta.dirname, '../../etl-dags/.venv/bin/python');

const MAKE_TOPIC = `
import json, sys
from confluent_kafka.admin import AdminClient, NewTopic
given = json.load(sys.stdin)
admin = AdminClient(given["config"])
for future in admin.create_topics([NewTopic(given["topic"], 4, 1)]).values():
    future.result()
`;

const SEND = `
import json, sys
from confluent_kafka import Producer
given = json.load(sys.stdin)
producer = Producer(given["config"])
producer.produce(given["topic"], given["message"].encode(), partition=0)
assert producer.flush(20) == 0
`;

/** Where a broker is and how tasks log in, in the settings of librdkafka. */
export const tasksConfig = (
  { host, port, user }: NonNullable<Deployment['kafka']>,
  password: string,
): Readonly<Record<string, string>> => ({
  'bootstrap.servers': `${host}:${port}`,
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.username': user,
  'sasl.password': password,
});

/** Makes a topic of four partitions; one that is there is an error. */
export const makeTopic = (config: Readonly<Record<string, string>>, topic: string) =>
  run(MAKE_TOPIC, { config, topic });

/** Puts a message into the first partition of a topic. */
export const sendMessage = (
  config: Readonly<Record<string, string>>,
  topic: string,
  message: string,
) => run(SEND, { config, topic, message });

async function run(script: string, given: object): Promise<void> {
  await $({ quiet: true, input: JSON.stringify(given) })`${PYTHON} -c ${script}`;
}
