import { expect, test } from 'vitest';
import { generateSecrets } from '@provehouse/secrets';
import { renderBrokerConfig } from './broker-config.ts';

const options = {
  listen: { host: '127.0.0.1', port: 9092 },
  advertised: { host: '127.0.0.1', port: 9092 },
  controller: { host: '127.0.0.1', port: 9093 },
  dataFolder: '/data/kafka',
};
const secrets = {
  ...generateSecrets(),
  kafka_broker_password: String.raw`a"b\c=é`,
  kafka_password: 'known to the metadata alone',
  kafka_clickhouse_password: 'of the nodes',
};

test('it listens at the given address, and knows accounts of PLAIN by passwords that are quoted twice', () => {
  const lines = renderBrokerConfig({ ...options, secrets })
    .trimEnd()
    .split('\n');
  expect(lines).toContain('listeners=CLIENTS://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
  const login = lines.find((line) => line.startsWith('listener.name.clients.plain.'));
  expect(login).toBe(
    'listener.name.clients.plain.sasl.jaas.config=' +
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="broker" ' +
      String.raw`password="a\\"b\\\\c=\u00e9" user_broker="a\\"b\\\\c=\u00e9" user_clickhouse="of the nodes";`,
  );
  expect(lines.join('\n')).not.toContain(secrets.kafka_password);
});

test('clients of the machine that its container runs on find it by an address of their own', () => {
  const machine = {
    listen: { host: '0.0.0.0', port: 9094 },
    advertised: { host: '127.0.0.1', port: 19_092 },
  };
  const advertised = { host: 'kafka', port: 9092 };
  const text = renderBrokerConfig({ ...options, secrets, advertised, machine });
  expect(text).toContain('\nadvertised.listeners=CLIENTS://kafka:9092,MACHINE://127.0.0.1:19092\n');
  expect(text).toContain('MACHINE:SASL_PLAINTEXT');
  for (const mechanism of ['plain', 'scram-sha-512']) {
    expect(text).toContain(`listener.name.machine.${mechanism}.sasl.jaas.config=`);
  }
});

test('without its secrets it says what makes them', () => {
  const { kafka_broker_password: _, ...without } = secrets;
  expect(() => renderBrokerConfig({ ...options, secrets: without })).toThrow(
    "Expected kafka_broker_password in the platform's secrets, because it has Kafka; found none. Run infra:up, which makes it.",
  );
});
