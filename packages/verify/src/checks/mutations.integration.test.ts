import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, repairedAfter } from '../../test/changed-context.ts';
import { LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { mutations } from './mutations.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const HANGING = `ALTER TABLE ${LOCAL} UPDATE name = toString(throwIf(1, 'cannot be rewritten')) WHERE 1`;

test('tables without a mutation, and with one that is done, pass', async () => {
  await own.cluster
    .node('clickhouse-01')
    .command(
      `ALTER TABLE ${LOCAL} UPDATE name = 'other' WHERE id < 10 SETTINGS mutations_sync = 1`,
    );
  const { status, findings } = await runCheck(mutations, own.context());
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
});

test('a mutation that hangs fails for its node and is shown', async () => {
  await own.cluster.node('clickhouse-03').command(`${HANGING} SETTINGS mutations_sync = 0`);
  const { findings } = await runCheck(mutations, impatient(own.context()));
  const failed = findings.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([{ node: 'clickhouse-03' }]);
  expect(failed[0]?.observed).toContain('throwIf');
});

test('a mutation that ends while the check looks passes', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command(`SYSTEM STOP MERGES ${LOCAL}`);
  await command(`ALTER TABLE ${LOCAL} DELETE WHERE id = 1 SETTINGS mutations_sync = 0`);
  const late = repairedAfter(own.context(), 'clickhouse-03', /system.mutations/, () =>
    command(`SYSTEM START MERGES ${LOCAL}`),
  );
  const verdict = await runCheck(mutations, late);
  expect(verdict.status).toBe('passed');
  expect(verdict.durationMs).toBeGreaterThan(200);
});

test('a node without the table is inconclusive: nothing is wrong with what is not there', async () => {
  await own.cluster.node('clickhouse-02').command(`DROP TABLE ${LOCAL}`);
  const { findings } = await runCheck(mutations, impatient(own.context()));
  const unproven = findings.filter(({ status }) => status !== 'passed');
  expect(unproven).toMatchObject([{ status: 'inconclusive', node: 'clickhouse-02' }]);
});
