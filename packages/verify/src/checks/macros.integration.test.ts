import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { macros } from './macros.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

test('the macros of an undamaged cluster pass on all four nodes', async () => {
  const { findings } = await runCheck(macros, own.context());
  expect(findings.map(({ status, node }) => [status, node])).toEqual([
    ['passed', 'clickhouse-01'],
    ['passed', 'clickhouse-02'],
    ['passed', 'clickhouse-03'],
    ['passed', 'clickhouse-04'],
  ]);
});

test.each([
  [
    'another shard',
    '<shard>02</shard>',
    '<shard>01</shard>',
    'shard 01, replica 01, cluster dwh_test',
  ],
  ['no replica', '<replica>01</replica>', '', 'shard 02, replica none, cluster dwh_test'],
  [
    'another cluster',
    '<cluster>dwh_test<',
    '<cluster>other<',
    'shard 02, replica 01, cluster other',
  ],
])('a node whose macros say %s fails alone', async (_, right, wrong, observed) => {
  await using damage = await editedConfig(own, 'clickhouse-02', 'config.xml', (text) =>
    text.replace(right, wrong),
  );
  expect(damage).toBeDefined();
  const { findings } = await runCheck(macros, own.context());
  expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { node: 'clickhouse-02', observed },
  ]);
});

test('further macros of a team pass, and so does a node without the macro cluster', async () => {
  await using damage = await editedConfig(own, 'clickhouse-02', 'config.xml', (text) =>
    text.replace('<cluster>dwh_test</cluster>', '<layer>raw</layer>'),
  );
  expect(damage).toBeDefined();
  const { status, findings } = await runCheck(macros, own.context());
  expect(status).toBe('passed');
  expect(findings.find(({ node }) => node === 'clickhouse-02')?.observed).toBe(
    'shard 02, replica 01',
  );
});
