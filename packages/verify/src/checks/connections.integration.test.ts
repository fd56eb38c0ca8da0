import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { connections } from './connections.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  context = platform.context(await platform.run());
});
afterAll(() => platform[Symbol.asyncDispose]());

const failures = async (given = context): Promise<string[]> => {
  const { findings } = await runCheck(connections, given);
  const bad = findings.filter(({ status }) => status !== 'passed');
  return bad.map((one) => `${one.subject}: ${one.expected} → ${one.observed}`);
};
const patch = (id: string, field: string, value: unknown): Promise<unknown> =>
  platform.request('PATCH', `/connections/${id}?update_mask=${field}`, {
    connection_id: id,
    conn_type: 'clickhouse',
    [field]: value,
  });

test('passes on the connections of the platform', async () => {
  expect(await failures()).toEqual([]);
});

test.each([
  ['host', '127.0.0.99', () => context.deployment.clickhouse.nodes[0]?.host],
  ['port', 9, () => context.deployment.clickhouse.nodes[0]?.httpPort],
  ['login', 'somebody', () => platform.secrets.super_user_name],
  ['schema', 'default', () => context.deployment.clickhouse.database],
])('fails on another %s', async (field, wrong, right) => {
  await patch('clickhouse_default', field, wrong);
  expect(await failures()).toEqual([
    expect.stringMatching(new RegExp(`^clickhouse_default: .*→.*${field} ${wrong}`)),
    // The hook reaches the node whatever the database.
    ...(field === 'schema'
      ? []
      : [expect.stringMatching(/^clickhouse_default, tried by its hook: /)]),
  ]);
  await patch('clickhouse_default', field, right());
  expect(await failures()).toEqual([]);
});

test('fails on another extra and on a connection that is absent', async () => {
  const { kafka_default: kafka } = context.contract.connections;
  const right = { connection_id: 'kafka_default', conn_type: 'kafka' };
  await platform.request('DELETE', '/connections/kafka_default');
  expect(await failures()).toEqual([expect.stringMatching(/^kafka_default: .*→ absent/)]);
  const extra = { 'bootstrap.servers': 'elsewhere:9092' };
  await platform.request('POST', '/connections', { ...right, extra: JSON.stringify(extra) });
  expect(await failures()).toEqual([expect.stringMatching(/^kafka_default: .*elsewhere:9092/)]);
  await platform.request('DELETE', '/connections/kafka_default');
  await platform.request('POST', '/connections', { ...right, extra: JSON.stringify(kafka?.extra) });
  expect(await failures()).toEqual([]);
});

test('fails on a connection without the password that its login needs', async () => {
  const contract = {
    ...context.contract,
    connections: { kafka_default: { type: 'kafka', login: 'super_user_name' } },
  };
  expect(await failures({ ...context, contract })).toEqual([
    expect.stringMatching(/^kafka_default: .*password set → .*password "?not set/),
  ]);
});

test('fails on a connection that must not be there without its secret, and one that must be with it', async () => {
  const telegram = { connection_id: 'telegram_default', conn_type: 'telegram' };
  const secrets = { ...platform.secrets, telegram_bot_token: 'given' };
  expect(await failures({ ...context, secrets })).toEqual([
    expect.stringMatching(/^telegram_default: .*→ absent/),
  ]);
  await platform.request('POST', '/connections', telegram);
  expect(await failures()).toEqual([
    'telegram_default: absent, because there is no telegram_bot_token → it exists',
  ]);
  expect(await failures({ ...context, secrets })).toEqual([]);
  await platform.request('DELETE', '/connections/telegram_default');
});
