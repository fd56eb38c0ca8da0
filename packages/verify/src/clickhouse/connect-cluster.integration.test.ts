import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { editedConfig } from '../../test/edited-config.ts';
import { LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { connectCluster } from './connect-cluster.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const connect = () => {
  const { super_user_name: user, super_user_password: password } = own.secrets;
  return connectCluster(own.deployment, { user, password });
};
const countRow = z.object({ rows: z.coerce.number() });
const valueRow = z.object({ value: z.string() });
const COUNT = `SELECT uniqExact(id) AS rows FROM ${LOCAL}`;

test('a profile that cuts answers short in silence does not cut those of checks', async () => {
  const limits = `<max_rows_to_read>10</max_rows_to_read>
    <read_overflow_mode>break</read_overflow_mode><limit>3</limit>`;
  await using _edited = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text.replace('<default>', `<default>${limits}`),
  );
  await using cluster = connect();
  const { query } = cluster.node('clickhouse-01');
  await expect(query(COUNT, countRow)).rejects.toMatchObject({ code: '158' });
  const numbers = await query('SELECT number AS rows FROM system.numbers LIMIT 5', countRow);
  expect(numbers).toHaveLength(5);
});

test('settings of one query win, and are for it alone', async () => {
  await using cluster = connect();
  const { query } = cluster.node('clickhouse-02');
  const ask = "SELECT toString(getSetting('optimize_trivial_count_query')) AS value";
  expect(await query(ask, valueRow, undefined, { optimize_trivial_count_query: 1 })).toEqual([
    { value: 'true' },
  ]);
  expect(await query(ask, valueRow)).toEqual([{ value: 'false' }]);
});

test('system.settings shows the settings of the account, not those of checks', async () => {
  await using cluster = connect();
  const { query } = cluster.node('clickhouse-02');
  const ask = "SELECT value FROM system.settings WHERE name = 'optimize_trivial_count_query'";
  expect(await query(ask, valueRow)).toEqual([{ value: '1' }]);
});

test('a node that is down is an error of the statement, and is asked again when it is up', async () => {
  await using cluster = connect();
  const { query } = cluster.node('clickhouse-04');
  await own.runtime.stop('clickhouse-04');
  try {
    await expect(query(COUNT, countRow)).rejects.toThrow(
      /^clickhouse-04 .*\nin: SELECT \S+ AS rows FROM \S+$/,
    );
  } finally {
    await own.runtime.start('clickhouse-04');
  }
  const [first] = await query(COUNT, countRow);
  expect(first?.rows).toBeGreaterThan(0);
});
