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
import { valueRules } from './value-rules.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const look = async (context = own.context()) =>
  (await runCheck(valueRules, impatient(context))).findings;
const failed = async (context = own.context()) =>
  (await look(context)).filter(({ status }) => status === 'failed');
/** Changes a row on every node that holds it. */
const everywhere = async (statement: string): Promise<void> => {
  await Promise.all(
    own.cluster.nodes.map(({ command }) =>
      command(`ALTER TABLE ${LOCAL} ${statement} SETTINGS mutations_sync = 1`),
    ),
  );
};

test('rows as the contract wants them pass, with figures by category and sample rows', async () => {
  const findings = await look();
  expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['passed']));
  // The content, three rules on each of four nodes, and the sequence.
  expect(findings).toHaveLength(14);
  const [content] = findings;
  expect(content?.evidence?.map(({ title, rows }) => [title, rows.length])).toEqual([
    ['First rows', 10],
    ['price by category', 5],
  ]);
  expect(content?.evidence?.[0]?.rows.map(([id]) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a doubled id fails and is shown', async () => {
  await own.cluster.nodes[0]!.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(42, 42)}`);
  const findings = await failed();
  expect(findings).toMatchObject([
    {
      subject: 'hw16_demo_products_local.id, sequence',
      observed: '1001 rows, 1000 different numbers from 1 to 1000',
    },
  ]);
  expect(findings[0]?.evidence).toMatchObject([
    { title: 'Numbers that occur more than once', rows: [[42, 2]] },
  ]);
});

test('an id that takes the place of another one on the other shard fails: the count is right', async () => {
  await everywhere('DELETE WHERE id = 10');
  // Odd hashes belong to shard 02.
  const ofOtherShard = `SELECT * FROM (${sampleRows(11, 1000)}) WHERE cityHash64(id) % 2 = 1 ORDER BY id LIMIT 1`;
  for (const name of ['clickhouse-01', 'clickhouse-03']) {
    await own.cluster.node(name).command(`INSERT INTO ${LOCAL} ${ofOtherShard}`);
  }
  const [sequence] = await failed();
  expect(sequence?.observed).toBe('1000 rows, 999 different numbers from 1 to 1000');
  expect(sequence?.evidence?.map(({ title, rows }) => [title, rows])).toEqual([
    ['Numbers that occur more than once', [[expect.any(Number), 2]]],
    ['Numbers that are missing', [[10]]],
  ]);
});

test('an id outside of the sequence fails and its row is shown', async () => {
  await everywhere('DELETE WHERE id = 1000');
  await own.cluster.nodes[0]!.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(5000, 5000)}`);
  const [sequence] = await failed();
  expect(sequence?.evidence?.map(({ title }) => title)).toEqual([
    'Numbers that are missing',
    'Rows with other numbers',
  ]);
});

test.each([
  ['category', 'set', "category = 'Toys'"],
  ['price', 'range', 'price = 1000.01'],
  ['price', 'range', 'price = 9.99'],
  ['created_at', 'period', "created_at = toDateTime('2026-06-15 00:00:01', 'UTC')"],
  ['created_at', 'period', "created_at = toDateTime('2025-06-14 23:59:59', 'UTC')"],
])(
  '%s: a value that breaks the %s (%s) fails on the one node that has it',
  async (column, rule, value) => {
    const { command } = own.cluster.node('clickhouse-03');
    await command(
      `INSERT INTO ${LOCAL} SELECT * REPLACE (${value.replace(/^\w+ = (.*)$/, `$1 AS ${column}`)})
     FROM (${sampleRows(1001, 1001).replace(/SETTINGS.*/, '')})`,
    );
    const findings = await failed();
    expect(findings).toMatchObject([
      { subject: `hw16_demo_products_local.${column}, ${rule}`, node: 'clickhouse-03' },
    ]);
    expect(findings[0]?.observed).toMatch(/^1 of \d+ rows break it/);
    expect(findings[0]?.evidence?.[0]?.rows).toHaveLength(1);
  },
);

test('the first and the last moment of the period and the bounds of the range pass', async () => {
  await own.load(0);
  for (const [id, price, time] of [
    [1, '10.00', '2025-06-15 00:00:00'],
    [2, '1000.00', '2026-06-15 00:00:00'],
  ]) {
    await own.cluster.nodes[0]!.command(
      `INSERT INTO ${DISTRIBUTED} SELECT toUInt32(${id}), 'x', 'Books', toDecimal64('${price}', 2),
       toDateTime('${time}', 'UTC') SETTINGS distributed_foreground_insert = 1`,
    );
  }
  expect(await failed(own.context(2))).toEqual([]);
});

test('without a run, ids are judged by the number of rows and the period is skipped', async () => {
  const findings = await look(withoutRun(own.context()));
  expect(findings.filter(({ status }) => status === 'skipped')).toMatchObject([
    { subject: 'hw16_demo_products_local.created_at, period' },
  ]);
  await everywhere('DELETE WHERE id = 10');
  expect(await failed(withoutRun(own.context()))).toMatchObject([
    { expected: 'each number from 1 to 999 (the number of rows) once' },
  ]);
});

test('an empty table is inconclusive: it keeps every rule', async () => {
  await own.load(0);
  const findings = await look(withoutRun(own.context()));
  expect(findings[0]).toMatchObject({ status: 'inconclusive', observed: '0 rows' });
  expect(await failed(withoutRun(own.context()))).toEqual([]);
  expect(await failed(own.context(100))).toHaveLength(1);
});

test('rows that arrive while the check looks pass', async () => {
  const late = repairedAfter(own.context(1001), 'clickhouse-01', /groupBitmapIf\(/, () =>
    own.cluster.nodes[0]!.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(1001, 1001)}`),
  );
  const verdict = await runCheck(valueRules, late);
  expect(verdict.status).toBe('passed');
  expect(verdict.durationMs).toBeGreaterThan(200);
});

test('a waived rule warns with the reason until its day, and fails after it', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command(
    `ALTER TABLE ${LOCAL} UPDATE category = 'Toys' WHERE 1 SETTINGS mutations_sync = 1`,
  );
  const rule = 'hw16_demo_products_local.category, set';
  const judge = async (waiver: { until: string; node?: string }) => {
    const waivers = [{ rule, reason: 'toys are being moved', ...waiver }];
    const context = own.context();
    const contract = { ...context.contract, waivers };
    return runCheck(valueRules, impatient({ ...context, contract }));
  };
  const waived = await judge({ until: '9999-12-31' });
  expect(waived.status).toBe('warned');
  expect(waived.findings.filter(({ status }) => status !== 'passed')).toMatchObject([
    {
      subject: rule,
      node: 'clickhouse-03',
      observed: expect.stringMatching(/\(waived until 9999-12-31\)$/),
      reason: expect.stringMatching(/^Waived until 9999-12-31: toys are being moved/),
    },
  ]);
  expect((await judge({ until: '9999-12-31', node: 'clickhouse-01' })).status).toBe('failed');
  const ended = await judge({ until: '2020-01-01' });
  expect(ended.findings.find(({ status }) => status === 'failed')?.reason).toContain(
    'A waiver ended on 2020-01-01 (toys are being moved).',
  );
});
