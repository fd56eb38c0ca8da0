import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { spread } from './spread.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

/** Puts rows onto shard 01 past the Distributed table. */
const heap = (rows: number): Promise<void> =>
  own.cluster
    .node('clickhouse-01')
    .command(`INSERT INTO ${LOCAL} ${sampleRows(10_001, 10_000 + rows)}`);

test('rows spread by a hash pass', async () => {
  const { findings } = await runCheck(spread, own.context());
  expect(findings).toMatchObject([{ status: 'passed' }]);
  expect(findings[0]?.observed).toMatch(/^491 : 509 rows: p = 0\.569/);
});

test('rows heaped on one shard fail', async () => {
  await heap(300);
  const { findings } = await runCheck(spread, own.context());
  expect(findings).toMatchObject([{ status: 'failed' }]);
});

test('a spread between the thresholds warns', async () => {
  // 611 : 509 has χ² = 102² / 1120 = 9.29, p = 0.0023: below 0.01, above 0.0001.
  await heap(120);
  const { findings } = await runCheck(spread, own.context());
  expect(findings).toMatchObject([{ status: 'warned' }]);
  expect(findings[0]?.observed).toContain('p = 0.0023');
});

test('rows spread evenly although the weights are not fail', async () => {
  await using damage = await editedConfig(own, 'clickhouse-01', 'config.xml', (text) =>
    text.replace('<internal_replication>', '<weight>3</weight><internal_replication>'),
  );
  expect(damage).toBeDefined();
  const { findings } = await runCheck(spread, own.context());
  expect(findings).toMatchObject([{ status: 'failed' }]);
  expect(findings[0]?.expected).toContain('3 : 1');
});

test('few rows are skipped with the reason', async () => {
  await own.load(49);
  const { findings } = await runCheck(spread, own.context(49));
  expect(findings).toMatchObject([{ status: 'skipped', reason: expect.stringContaining('50') }]);
});

test('a node that does not answer is inconclusive, not a spread with a hole', async () => {
  await own.runtime.stop('clickhouse-02');
  const verdict = await runCheck(spread, own.context());
  await own.runtime.start('clickhouse-02');
  expect(verdict.findings).toMatchObject([{ status: 'inconclusive', node: 'clickhouse-02' }]);
});
