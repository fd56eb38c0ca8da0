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
import { distributedCount } from './distributed-count.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

test('the rows that were loaded pass, with and without knowing how many', async () => {
  for (const context of [own.context(), withoutRun(own.context())]) {
    const verdict = await runCheck(distributedCount, context);
    expect(verdict.status).toBe('passed');
    expect(verdict.findings).toMatchObject([{ observed: '1000 rows from 4 nodes' }]);
  }
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

test('empty tables warn: that the nodes agree proves little', async () => {
  for (const { command } of own.cluster.nodes) await command(`TRUNCATE TABLE ${LOCAL}`);
  const verdict = await runCheck(distributedCount, withoutRun(own.context()));
  expect(verdict.status).toBe('warned');
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
