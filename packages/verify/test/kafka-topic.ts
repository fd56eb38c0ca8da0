import type { Deployment } from '@provehouse/infra';
import { $ } from 'zx';
import { join } from 'node:path';

const PYTHON = join(import.meta.dirname, '../../etl-dags/.venv/bin/python');

/** Makes a topic, as a task would; a topic that is there is an error. */
const MAKE_TOPIC = `
import json, sys
from confluent_kafka.admin import AdminClient, NewTopic
given = json.load(sys.stdin)
admin = AdminClient(given["config"])
for future in admin.create_topics([NewTopic(given["topic"], 4, 1)]).values():
    future.result()
`;

/** Makes a topic of four partitions under the account of tasks. */
export async function makeTopic(
  { host, port, user }: NonNullable<Deployment['kafka']>,
  password: string,
  topic: string,
): Promise<void> {
  const config = {
    'bootstrap.servers': `${host}:${port}`,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.username': user,
    'sasl.password': password,
  };
  const input = JSON.stringify({ config, topic });
  await $({ quiet: true, input })`${PYTHON} -c ${MAKE_TOPIC}`;
}
