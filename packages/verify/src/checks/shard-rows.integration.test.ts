import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, repairedAfter, withoutRun } from '../../test/changed-context.ts';
import {
  DISTRIBUTED,
  LOCAL,
  sampleRows,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { shardRows } from './shard-rows.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const statuses = async (context = own.context()) => {
  const { findings } = await runCheck(shardRows, context);
  return findings.map(({ subject, status }) => [subject?.split(', ')[1], status]);
};

test('shards that add up and equal replicas pass', async () => {
  expect(await statuses()).toEqual([
    ['shard 01', 'passed'],
    ['shard 02', 'passed'],
    ['sum of the shards', 'passed'],
  ]);
});

test('a local table without a Distributed one is judged by itself, and its sum where one is stated', async () => {
  const context = own.context();
  const judged = (rows?: number) =>
    statuses({
      ...context,
      contract: {
        ...context.contract,
        tables: context.contract.tables
          .filter((table) => table.kind === 'local')
          .map((table) => ({ ...table, rows })),
      },
    });
  const shards = [
    ['shard 01', 'passed'],
    ['shard 02', 'passed'],
  ];
  expect(await judged()).toEqual(shards);
  expect(await judged(1000)).toEqual([...shards, ['sum of the shards', 'passed']]);
  expect(await judged(999)).toEqual([...shards, ['sum of the shards', 'failed']]);
});

test('without a run the sum is held against the Distributed table alone, which is said', async () => {
  expect(await statuses(withoutRun(own.context()))).toEqual([
    ['shard 01', 'passed'],
    ['shard 02', 'passed'],
    ['sum of the shards', 'passed'],
    ['number of rows', 'skipped'],
  ]);
});

test('a row deleted on one replica fails for its shard', async () => {
  const node = own.cluster.node('clickhouse-04');
  await node.command(
    `ALTER TABLE ${LOCAL} DELETE WHERE id = (SELECT min(id) FROM ${LOCAL}) SETTINGS mutations_sync = 1`,
  );
  expect(await statuses(impatient(own.context()))).toContainEqual(['shard 02', 'failed']);
});

test('rows doubled on both replicas of a shard fail for the sum', async () => {
  for (const name of ['clickhouse-01', 'clickhouse-03']) {
    await own.cluster.node(name).command(`INSERT INTO ${LOCAL} ${sampleRows(1, 1)}`);
  }
  expect(await statuses(impatient(own.context()))).toEqual([
    ['shard 01', 'passed'],
    ['shard 02', 'passed'],
    ['sum of the shards', 'failed'],
  ]);
});

test('a row that reaches the second replica late passes', async () => {
  const arrive = (name: string): Promise<void> =>
    own.cluster.node(name).command(`INSERT INTO ${LOCAL} ${sampleRows(1001, 1001)}`);
  await arrive('clickhouse-01');
  const late = repairedAfter(own.context(1001), 'clickhouse-03', /count\(\)/, () =>
    arrive('clickhouse-03'),
  );
  expect(new Set((await statuses(late)).map(([, status]) => status))).toEqual(new Set(['passed']));
});

test('a stopped node is inconclusive by itself and leaves the other shard judged', async () => {
  await own.runtime.stop('clickhouse-02');
  const found = await statuses();
  await own.runtime.start('clickhouse-02');
  expect(found).toContainEqual(['shard 01', 'passed']);
  expect(found).toContainEqual([undefined, 'inconclusive']);
});

test('rows of an engine that merges them are counted merged, whichever replica has merged', async () => {
  for (const { command } of own.cluster.nodes) {
    await command(`DROP TABLE ${LOCAL} SYNC`);
    await command(`CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
      created_at DateTime) ENGINE = ReplacingMergeTree ORDER BY id`);
    await command(`SYSTEM STOP MERGES ${LOCAL}`);
  }
  const { command } = own.cluster.node('clickhouse-01');
  for (const to of [1000, 100]) await command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(1, to)}`);
  const merged = own.cluster.node('clickhouse-03');
  await merged.command(`SYSTEM START MERGES ${LOCAL}`);
  await merged.command(`OPTIMIZE TABLE ${LOCAL} FINAL`);
  expect((await runCheck(shardRows, impatient(own.context()))).status).toBe('passed');
});
