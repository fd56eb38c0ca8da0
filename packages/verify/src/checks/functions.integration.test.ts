import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { functions } from './functions.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(async () => {
  for (const name of ['share', 'alone']) await everywhere(`DROP FUNCTION IF EXISTS ${name}`);
  await own[Symbol.asyncDispose]();
});

const on = (node: string, sql: string) => own.cluster.node(node).command(sql);
const everywhere = (sql: string) =>
  Promise.all(own.cluster.nodes.map(({ command }) => command(sql)));

test('functions that every node has pass, in whatever order they were made', async () => {
  const create = [
    'CREATE FUNCTION plus_one AS (x) -> x + 1',
    'CREATE FUNCTION twice AS y -> 2 * y',
  ];
  for (const sql of create) await on('clickhouse-01', sql);
  for (const sql of create.toReversed()) await on('clickhouse-02', sql);
  for (const sql of create) await on('clickhouse-03', sql);
  for (const sql of create) await on('clickhouse-04', sql);
  const { status, findings } = await runCheck(functions, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '2 user-defined functions alike on 4 nodes',
  ]);
  await everywhere('DROP FUNCTION plus_one');
  await everywhere('DROP FUNCTION twice');
});

test('a function on one node only, and one with another text, fail line by line', async () => {
  await everywhere('CREATE FUNCTION share AS (a, b) -> a / b');
  await on('clickhouse-04', 'CREATE OR REPLACE FUNCTION share AS (a, b) -> b / a');
  await on('clickhouse-02', 'CREATE FUNCTION alone AS (x) -> x');
  const { findings } = await runCheck(functions, own.context());
  expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
    {
      node: 'clickhouse-02',
      observed: 'function alone is there, and not on the others',
      difference: [
        '--- function alone, absent on clickhouse-01, clickhouse-03, clickhouse-04',
        '+++ function alone on clickhouse-02',
        '@@ -0,0 +1,1 @@',
        '+CREATE FUNCTION alone AS x -> x',
      ].join('\n'),
    },
    {
      node: 'clickhouse-04',
      observed: 'function share is another',
      difference: expect.stringContaining(
        '\n-CREATE FUNCTION share AS (a, b) -> (a / b)\n+CREATE FUNCTION share AS (a, b) -> (b / a)',
      ),
    },
  ]);
});

test('functions that the contract allows to differ are shown with the reason', async () => {
  const context = allowing(
    own.context(),
    { kind: 'function', name: 'alone', reason: 'it is being tried' },
    { kind: 'function', name: 'sha*', reason: 'it is being replaced' },
  );
  const { status, findings } = await runCheck(functions, context);
  expect(status).toBe('passed');
  const first = findings.find(({ node }) => node === 'clickhouse-02');
  expect(first?.difference).toContain('+CREATE FUNCTION alone');
  expect(first?.evidence?.[0]?.rows.flat()).toContain('it is being tried');
});
