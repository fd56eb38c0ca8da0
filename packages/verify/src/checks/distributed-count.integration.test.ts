import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, repairedAfter, withoutRun } from '../../test/changed-context.ts';
import { makeSharded, shardedContext } from '../../test/sharded-tables.ts';
import {
  DISTRIBUTED,
  LOCAL,
  sampleRows,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { distributedCount } from './distributed-count.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

test('the rows that were loaded pass', async () => {
  const verdict = await runCheck(distributedCount, own.context());
  expect(verdict.findings).toMatchObject([
    { status: 'passed', observed: '1000 rows from 4 nodes', expected: '1000 rows from every node' },
  ]);
});

test('without a run it is judged whether the nodes agree, and said that the number was not', async () => {
  const verdict = await runCheck(distributedCount, withoutRun(own.context()));
  expect(verdict.status).toBe('passed');
  expect(verdict.findings).toMatchObject([
    { status: 'passed', observed: '1000 rows from 4 nodes' },
    { status: 'skipped', reason: expect.stringContaining('rows is not known') },
  ]);
});

const ID = { columns: { id: 'UInt64' }, key: 'cityHash64(id)' };
const SMALL = { name: 't_small', ...ID, rows: 'SELECT number FROM numbers(500)' };
const BIG = { name: 't_big', ...ID, rows: 'SELECT number FROM numbers(3000)' };

test('rows of a run are those of the table that names them, and no other has a number', async () => {
  const tables = [{ ...SMALL, says: 'rows: $rows' }, BIG];
  await makeSharded(own.cluster, tables);
  const { findings } = await runCheck(distributedCount, shardedContext(own.context(), tables, 500));
  expect(findings).toMatchObject([
    { status: 'passed', subject: 't_small', expected: '500 rows from every node' },
    { status: 'passed', subject: 't_big', observed: '3000 rows from 4 nodes' },
  ]);
  expect(findings[1]?.expected).toContain('no number is known');
});

test.each([
  ['3000', 'passed'],
  ['{ min: 2000, max: 3000 }', 'passed'],
  ['{ min: 3001 }', 'failed'],
  ['2999', 'failed'],
])('a table of 3,000 rows that must have %s is %s', async (rows, status) => {
  const tables = [{ ...BIG, says: `rows: ${rows}` }];
  await makeSharded(own.cluster, tables);
  expect((await runCheck(distributedCount, shardedContext(own.context(), tables))).status).toBe(
    status,
  );
});

test('in an old contract, where no table states rows, those of the run hold for every table', async () => {
  const tables = [SMALL, BIG];
  await makeSharded(own.cluster, tables);
  const { findings } = await runCheck(distributedCount, shardedContext(own.context(), tables, 500));
  expect(findings.map(({ status }) => status)).toEqual(['passed', 'failed']);
});

test('a contract without a Distributed table is skipped with the reason', async () => {
  const context = own.context();
  const tables = context.contract.tables.filter(({ kind }) => kind === 'local');
  const locals = { ...context, contract: { ...context.contract, tables } };
  expect((await runCheck(distributedCount, locals)).findings).toMatchObject([
    { status: 'skipped', reason: 'The contract names no Distributed table.' },
  ]);
});

test('a row lost on all replicas of its shard fails', async () => {
  await Promise.all(
    own.cluster.nodes.map(({ command }) =>
      command(`ALTER TABLE ${LOCAL} DELETE WHERE id = 7 SETTINGS mutations_sync = 1`),
    ),
  );
  const verdict = await runCheck(distributedCount, impatient(own.context()));
  expect(verdict.findings).toMatchObject([
    { status: 'failed', expected: '1000 rows from every node', observed: '999 rows from 4 nodes' },
  ]);
});

test('a node whose Distributed table reads something else fails, also without a known number', async () => {
  const node = own.cluster.node('clickhouse-04');
  await node.command(`DROP TABLE ${DISTRIBUTED} SYNC`);
  await node.command(`CREATE VIEW ${DISTRIBUTED} AS SELECT * FROM ${LOCAL} LIMIT 3`);
  const verdict = await runCheck(distributedCount, impatient(withoutRun(own.context())));
  expect(verdict.status).toBe('failed');
  expect(verdict.findings[0]?.observed).toContain('clickhouse-04: 3');
});

test('empty tables warn, as that the nodes agree proves little, unless they are to be empty', async () => {
  for (const { command } of own.cluster.nodes) await command(`TRUNCATE TABLE ${LOCAL}`);
  const verdict = await runCheck(distributedCount, withoutRun(own.context()));
  expect(verdict.status).toBe('warned');
  expect((await runCheck(distributedCount, own.context(0))).status).toBe('passed');
});

test('rows that arrive while the check looks pass', async () => {
  const [first] = own.cluster.nodes;
  const late = repairedAfter(own.context(1001), 'clickhouse-01', /count\(\)/, () =>
    first!.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(1001, 1001)}`),
  );
  expect((await runCheck(distributedCount, late)).status).toBe('passed');
});

test('a node without the table is inconclusive by itself; the others are judged', async () => {
  await own.cluster.node('clickhouse-02').command(`DROP TABLE ${DISTRIBUTED} SYNC`);
  const verdict = await runCheck(distributedCount, own.context());
  expect(verdict.findings).toMatchObject([
    { status: 'passed', observed: '1000 rows from 3 nodes' },
    { status: 'inconclusive', node: 'clickhouse-02' },
  ]);
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
  expect((await runCheck(distributedCount, impatient(own.context()))).status).toBe('passed');
});
