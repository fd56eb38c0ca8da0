import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import { editedConfig } from '../../test/edited-config.ts';
import { restartedUnder } from '../../test/restarted-under.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { partitions } from './partitions.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const failures = async () => {
  const { findings } = await runCheck(partitions, impatient(own.context()));
  expect(findings).toHaveLength(4);
  return findings.filter(({ status }) => status === 'failed');
};

test('a table partitioned as the contract says passes on every node, month by month', async () => {
  const { status, findings } = await runCheck(partitions, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ node }) => node)).toHaveLength(4);
  const rows = findings[0]?.evidence?.[0]?.rows ?? [];
  expect(rows).toHaveLength(13);
  expect(rows[0]?.[0]).toBe('202506');
});

test.each(['toYYYYMMDD(created_at)', 'tuple()', 'toYYYYMM(created_at + toIntervalDay(1))'])(
  'a node whose table is partitioned by %s fails',
  async (key) => {
    const { command } = own.cluster.node('clickhouse-02');
    await command(`DROP TABLE ${LOCAL} SYNC`);
    await command(
      `CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
       created_at DateTime) ENGINE = MergeTree ORDER BY id PARTITION BY ${key}`,
    );
    await command(
      `INSERT INTO ${LOCAL} ${sampleRows(1, 500)}, max_partitions_per_insert_block = 1000`,
    );
    expect(await failures()).toMatchObject([{ node: 'clickhouse-02' }]);
  },
);

test('rows that are deleted but still in their part fail for that partition', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  await command(`DELETE FROM ${LOCAL} WHERE id = (SELECT min(id) FROM ${LOCAL})`);
  const found = await failures();
  expect(found).toMatchObject([{ node: 'clickhouse-01' }]);
  expect(found[0]?.evidence?.[0]?.rows).toHaveLength(1);
});

test('a table without a partition key in the contract is skipped', async () => {
  const context = own.context();
  const tables = context.contract.tables.map((table) => {
    if (table.kind !== 'local') return table;
    const { partitionBy: _, ...rest } = table;
    return rest;
  });
  const contract = { ...context.contract, tables };
  expect((await runCheck(partitions, { ...context, contract })).status).toBe('skipped');
});

test('a node that runs in another time zone than its rows were written in fails', async (ctx) => {
  ctx.skip(own.deployment.runtime === 'docker', 'the process of a node is in its container');
  await using _restarted = await restartedUnder(own, 'clickhouse-03', { TZ: 'Asia/Tokyo' });
  const found = await failures();
  expect(found).toMatchObject([{ node: 'clickhouse-03' }]);
  expect(found[0]?.observed).toMatch(/^different in \d+ of 1[34] partitions/);
});

test('an account whose sessions are in another time zone on one node fails there', async () => {
  const zone = '<session_timezone>Pacific/Auckland</session_timezone>';
  await using _edited = await editedConfig(own, 'clickhouse-02', 'users.xml', (text) =>
    text.replace('<default>', `<default>${zone}`),
  );
  expect(await failures()).toMatchObject([{ node: 'clickhouse-02' }]);
});

test('an account that may change no settings is skipped where the server would answer from the parts', async () => {
  const { super_user_name: user, super_user_password: password } = own.secrets;
  await using _edited = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text
      .replace('<profiles>', '<profiles><locked><readonly>1</readonly></locked>')
      .replace(RegExp(`(<${user}>.*?<profile>)default`, 's'), '$1locked'),
  );
  await using cluster = connectCluster(own.deployment, { user, password });
  const { findings } = await runCheck(partitions, { ...own.context(), cluster });
  expect(findings.map(({ status, node }) => [status, node])).toEqual([
    ['skipped', 'clickhouse-01'],
    ...['clickhouse-02', 'clickhouse-03', 'clickhouse-04'].map((node) => ['passed', node]),
  ]);
  expect(findings[0]?.observed).toContain('optimize_use_implicit_projections');
});

/** A context in which the table is partitioned by something else, on every node. */
async function partitionedBy(
  columns: string,
  key: string,
  select: string,
): Promise<ClusterContext> {
  const { command } = own.cluster.node('clickhouse-01');
  await Promise.all(
    own.cluster.nodes.map(async (node) => {
      await node.command(`DROP TABLE ${LOCAL} SYNC`);
      await node.command(`CREATE TABLE ${LOCAL} (${columns}) ENGINE = MergeTree
        ORDER BY id PARTITION BY ${key} SETTINGS allow_nullable_key = 1`);
    }),
  );
  await command(`INSERT INTO ${LOCAL} ${select}`);
  const context = own.context();
  const tables = context.contract.tables.map((table) =>
    table.kind === 'local' ? { ...table, partitionBy: key } : table,
  );
  return { ...context, contract: { ...context.contract, tables } };
}

test.each([
  ['id UInt64', 'tuple()', 'SELECT number FROM numbers(10)', [['tuple()', 10, 10]]],
  [
    'id UInt64, day Nullable(Date)',
    'day',
    "SELECT number, if(number % 3 = 0, NULL, toDate('2026-02-01')) FROM numbers(9)",
    [
      ['2026-02-01', 6, 6],
      ['ᴺᵁᴸᴸ', 3, 3],
    ],
  ],
  [
    "id UInt64, at DateTime64(3, 'America/New_York'), flag Bool, name LowCardinality(Nullable(String))",
    '(toStartOfMonth(at), flag, name)',
    `SELECT number, toDateTime64('2026-03-01 00:00:00', 3, 'UTC'), number % 2, if(number < 4, NULL, 'it''s')
     FROM numbers(6)`,
    [
      ["('2026-02-01',false,'it\\'s')", 1, 1],
      ["('2026-02-01',false,NULL)", 2, 2],
      ["('2026-02-01',true,'it\\'s')", 1, 1],
      ["('2026-02-01',true,NULL)", 2, 2],
    ],
  ],
])('a table (%s) partitioned by %s passes', async (columns, key, select, rows) => {
  const { status, findings } = await runCheck(
    partitions,
    await partitionedBy(columns, key, select),
  );
  expect(status).toBe('passed');
  expect(findings[0]?.evidence?.[0]?.rows).toEqual(rows);
});
