import { expect, test } from 'vitest';
import { connectTopics } from './topic-client.ts';

const kafka = { host: '127.0.0.1', port: 1, user: 'etl' };

test('without a broker, or its password, it is said what gives one', () => {
  expect(() => connectTopics({ name: 'lab' }, { kafka_password: 'x' })).toThrow(
    'The platform lab has no Kafka. Start it with one: infra:up --with kafka.',
  );
  expect(() => connectTopics({ name: 'lab', kafka }, {})).toThrow(
    'The secrets have no kafka_password. Run infra:up, which makes it.',
  );
});

test('a program that ends with an error is reported with its last words, and without the password', async () => {
  const topics = connectTopics({ name: 'lab', kafka }, { kafka_password: 'secret words' }, () =>
    Promise.resolve('false'),
  );
  // More than a pipe holds, so that the program is gone while it is written.
  const messages = [{ partition: 0, text: 'x'.repeat(1_000_000) }];
  const error: unknown = await topics.send('events', messages).catch((reason: unknown) => reason);
  expect(String(error)).toContain('Kafka at 127.0.0.1:1: ');
  expect(String(error)).not.toContain('secret words');
});
