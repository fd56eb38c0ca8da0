import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { LOCAL } from '../../test/test-cluster.ts';
import type { ObservedRun } from '../airflow/observed-run.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { reconciliation } from './reconciliation.ts';

const SHARDS = ['clickhouse-01', 'clickhouse-02'];
const LOADED = 'otus_default.loaded';

let platform: AirflowPlatform;
let run: ObservedRun;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  run = await platform.run();
  await onShards(`CREATE TABLE ${LOADED} ENGINE = Memory AS SELECT * FROM ${LOCAL}`);
});
beforeEach(async () => {
  context = platform.context(run);
  // What the run has loaded, whatever the test before has done to it.
  await onShards(`TRUNCATE TABLE ${LOCAL} SYNC`);
  await onShards(`INSERT INTO ${LOCAL} SELECT * FROM ${LOADED}`);
  await untilReplicated();
});
afterAll(async () => {
  await onShards(`DROP TABLE IF EXISTS ${LOADED} SYNC`);
  await platform[Symbol.asyncDispose]();
});

/** Has one replica of each shard execute a statement. */
const onShards = (sql: string): Promise<unknown> =>
  Promise.all(SHARDS.map((name) => platform.cluster.node(name).command(sql)));
/** Waits until every replica has what the others of its shard were given. */
const untilReplicated = (): Promise<unknown> =>
  Promise.all(platform.cluster.nodes.map(({ command }) => command(`SYSTEM SYNC REPLICA ${LOCAL}`)));

const failed = async (given: PlatformContext): Promise<(string | undefined)[]> => {
  const { findings } = await runCheck(reconciliation, given);
  return findings.filter(({ status }) => status !== 'passed').map(({ subject }) => subject);
};
/** Changes rows on both shards, and waits until all replicas have done so. */
const onEachShard = (sql: string): Promise<unknown> =>
  onShards(`${sql} SETTINGS mutations_sync = 2`);

test('passes after a run', async () => {
  expect(await failed(context)).toEqual([]);
});

test('fails in each respect when a row was deleted after the validation', async () => {
  await onEachShard(`ALTER TABLE ${LOCAL} DELETE WHERE id = 7`);
  expect(await failed(context)).toEqual([
    'total',
    'rows by category',
    'rows by node',
    'rows by partition',
    'rows by category, as generated',
    'sum of price by category, as generated',
    'rows by month of created_at, as generated',
    'content, as generated',
  ]);
});

test('fails when a row went to another category, although the total is right', async () => {
  await onEachShard(
    `ALTER TABLE ${LOCAL} UPDATE category = if(category = 'Books', 'Home', 'Books') WHERE id = 7`,
  );
  expect(await failed(context)).toEqual([
    'rows by category',
    'rows by category, as generated',
    'sum of price by category, as generated',
    'content, as generated',
  ]);
});

test.each([
  ['prices are overwritten', 'price = 500 WHERE 1', ['sum of price by category', 'content']],
  ['a name is emptied', `name = '' WHERE id = 7`, ['content']],
])('fails when %s on all replicas alike', async (_, change, subjects) => {
  await onEachShard(`ALTER TABLE ${LOCAL} UPDATE ${change}`);
  expect(await failed(context)).toEqual(subjects.map((subject) => `${subject}, as generated`));
});

test('fails when a row of all replicas has another month', async () => {
  const moved = `SELECT * REPLACE (created_at + toIntervalDay(40) AS created_at) FROM ${LOCAL} WHERE id = 7`;
  const columns =
    '(id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime)';
  for (const shard of SHARDS) {
    const { command } = platform.cluster.node(shard);
    await command(`CREATE TABLE otus_default.moved ${columns} ENGINE = Memory`);
    await command(`INSERT INTO otus_default.moved ${moved}`);
    await command(`ALTER TABLE ${LOCAL} DELETE WHERE id = 7 SETTINGS mutations_sync = 2`);
    await command(`INSERT INTO ${LOCAL} SELECT * FROM otus_default.moved`);
    await command(`DROP TABLE otus_default.moved SYNC`);
  }
  await untilReplicated();
  expect(await failed(context)).toEqual([
    'rows by partition',
    'rows by month of created_at, as generated',
    'content, as generated',
  ]);
});

test('a pipeline that counts nothing while it makes rows is compared with its answer alone', async () => {
  const { generated: _, ...statistics } = context.contract.pipeline!.statistics;
  const pipeline = { ...context.contract.pipeline!, statistics };
  const { findings } = await runCheck(reconciliation, {
    ...context,
    contract: { ...context.contract, pipeline },
  });
  expect(findings.every(({ status }) => status === 'passed')).toBe(true);
  expect(findings.some(({ subject }) => subject?.includes('generated'))).toBe(false);
});

test('fails when one replica alone has a row more, and names the node', async () => {
  const { command } = platform.cluster.node('clickhouse-03');
  await command('SYSTEM STOP FETCHES');
  try {
    await platform.cluster
      .node('clickhouse-01')
      .command(`INSERT INTO ${LOCAL} SELECT * FROM ${LOCAL} ORDER BY id LIMIT 1`);
    const { findings } = await runCheck(reconciliation, context);
    const byNode = findings.find(({ subject }) => subject === 'rows by node');
    expect(byNode?.observed).toMatch(/^clickhouse-01: \d+ said, \d+ found$/);
  } finally {
    await command('SYSTEM START FETCHES');
  }
});

test('fails when the run loaded fewer rows than it was asked for', async () => {
  expect(await failed({ ...context, expectedRows: 200 })).toEqual(['rows asked for']);
});

test('fails when the run left no statistics, or statistics of another form', async () => {
  const none = { ...context, run: { ...context.run, statistics: undefined } };
  const other = { ...context, run: { ...context.run, statistics: { total: 'many' } } };
  expect(await failed(none)).toEqual(['validate_loaded_data']);
  expect(await failed(other)).toEqual(['validate_loaded_data']);
});
