import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { makeSharded, shardedContext, type ShardedTable } from '../../test/sharded-tables.ts';
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
  expect(findings[0]?.observed).toMatch(
    /^491 : 509 rows, at most 1\.8 % from their shares; 491 : 509 keys: p = 0\.569/,
  );
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

const KEYED = { columns: { user_id: 'UInt64', n: 'UInt32' }, key: 'cityHash64(user_id)' };
const judged = async (table: ShardedTable) => {
  await makeSharded(own.cluster, [table]);
  return runCheck(spread, shardedContext(own.context(), [table]));
};

test('few keys with many rows each, as far apart as chance puts them, pass', async () => {
  const { status, findings } = await judged({
    ...{ name: 't_repeat', ...KEYED, says: 'spread: {}' },
    rows: 'SELECT intDiv(number, 100), number FROM numbers(2000000)',
  });
  expect(status).toBe('passed');
  // Rows that fell one by one would lie so with a probability of 10⁻²⁷.
  expect(findings[0]?.observed).toMatch(
    /^10\d+00 : 9\d+00 rows, at most 0\.\d+ % .*keys: p = 0\.\d/,
  );
});

const HEAVY = {
  ...{ name: 't_heavy', ...KEYED },
  rows: 'SELECT if(number % 5 < 2, 7, number), number FROM numbers(200000)',
};

test('a key with 40 % of the rows warns and is named; the keys are spread by chance', async () => {
  const { status, findings } = await judged({ ...HEAVY, says: 'spread: {}' });
  expect(status).toBe('warned');
  expect(findings[0]?.reason).toContain('One key is the cause: user_id = 7 has 40 % of the rows.');
  expect(findings[0]?.observed).toMatch(/at most 4\d(\.\d)? % from their shares.*p = 0\.\d/);
  expect(findings[0]?.evidence?.[1]?.rows).toEqual([['user_id = 7', 80_001, 40]]);
});

test('the contract says how far rows may be from their shares', async () => {
  const allowed = { ...HEAVY, says: 'spread: { rowDeviationPercent: { warn: 50 } }' };
  expect((await judged(allowed)).status).toBe('passed');
  const refused = { ...HEAVY, says: 'spread: { rowDeviationPercent: { warn: 5, fail: 20 } }' };
  expect((await judged(refused)).status).toBe('failed');
});

test('signed keys that follow each other pass', async () => {
  const { status } = await judged({
    ...{
      name: 't_signed',
      columns: { user_id: 'Int64', v: 'String' },
      key: 'user_id',
      says: 'spread: {}',
    },
    rows: 'SELECT toInt64(number) - 5000, toString(number % 7) FROM numbers(10000)',
  });
  expect(status).toBe('passed');
});

test('of five keys only the rows are judged, and the heaviest is named', async () => {
  const { status, findings } = await judged({
    ...{
      name: 't_region',
      columns: { region: 'String' },
      key: 'cityHash64(region)',
      says: 'spread: {}',
    },
    rows: `SELECT ['north', 'south', 'east', 'west', 'abroad'][1 + least(4, number % 16)] FROM numbers(16000)`,
  });
  expect(status).toBe('warned');
  expect(findings[0]?.observed).toContain('keys: too few to test');
  expect(findings[0]?.reason).toContain('region = abroad has 75 % of the rows');
});

test.each([
  ['without a sharding key', { columns: { id: 'UInt64' } }, 'no sharding key'],
  [
    'of which the contract says no spread',
    { columns: { id: 'UInt64' }, key: 'id' },
    'no thresholds',
  ],
])('a table %s is skipped', async (_, table, observed) => {
  const verdict = await judged({ name: 't_other', ...table });
  expect(verdict.findings).toMatchObject([{ status: 'skipped', observed }]);
});

test('a key that is another each time is judged by rows', async () => {
  const { findings } = await judged({
    ...{ name: 't_random', columns: { id: 'UInt64' }, key: 'rand()', says: 'spread: {}' },
    rows: 'SELECT number % 10 FROM numbers(1000)',
  });
  expect(findings[0]?.observed).toMatch(/^(\d+ : \d+) rows, .*; \1 keys: p = /);
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
