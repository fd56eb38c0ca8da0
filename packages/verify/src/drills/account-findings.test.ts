import { expect, test } from 'vitest';
import type { Attempt } from './timeline.ts';
import {
  accountFindings,
  baselineFinding,
  recoveryFinding,
  type Promised,
} from './account-findings.ts';
import type { Account, NodeContent } from './account.ts';
import type { ExplainedLoss } from './writes/explained-loss.ts';

const exact = { attempted: 10, acknowledged: 10, recovered: 10, lost: 0, unexpected: 0 };
const refusal: Attempt = {
  ...{ node: 'clickhouse-01', batch: 0, start: 0, end: 1 },
  ...{ accepted: false, reason: 'Too many parts' },
};
const explained: ExplainedLoss = {
  loss: { fault: 'It forgets.', protection: 'A quorum.', isIn: () => Promise.resolve(true) },
  lostParts: 1,
  words: ['clickhouse-01: Part all_1_1_0 is lost forever.'],
};
const statuses = (
  account: Account,
  contents: readonly NodeContent[] = [],
  promised: Promised = { guarantee: 'single' },
): string[] => accountFindings(account, contents, promised).map(({ status }) => status);

test('an exact account passes', () => {
  expect(statuses(exact)).toEqual(['passed', 'passed', 'passed']);
});

test.each([
  ['acknowledged rows', { acknowledged: 9 }],
  ['lost rows', { lost: 1 }],
  ['unexpected rows', { unexpected: 1 }],
])('wrong %s fail and nothing else does', (subject, wrong) => {
  const failed = accountFindings({ ...exact, ...wrong }, [], { guarantee: 'single' }).filter(
    ({ status }) => status === 'failed',
  );
  expect(failed.map((finding) => finding.subject)).toEqual([subject]);
});

test.each<[string, Promised, string]>([
  ['a quorum', { guarantee: 'quorum' }, 'failed'],
  ['a quorum, whatever explains it', { guarantee: 'quorum', explained }, 'failed'],
  ['one replica', { guarantee: 'single' }, 'failed'],
  ['one replica, by a known fault', { guarantee: 'single', explained }, 'warned'],
])('the loss of a row that was acknowledged by %s', (_, promised, status) => {
  expect(statuses({ ...exact, recovered: 9, lost: 1 }, [], promised)).toEqual([
    ...['passed', status, 'passed'],
  ]);
});

test('a known fault excuses no row that is there twice', () => {
  const promised: Promised = { guarantee: 'single', explained };
  expect(statuses({ ...exact, recovered: 9, lost: 1, unexpected: 1 }, [], promised)).toEqual([
    ...['passed', 'warned', 'failed'],
  ]);
});

test('a loss that is explained names the fault, what the servers said and what protects', () => {
  const account = { ...exact, recovered: 9, lost: 1 };
  const [, loss] = accountFindings(account, [], { guarantee: 'single', explained });
  expect(loss).toMatchObject({
    reason: 'It forgets. A quorum.',
    observed: expect.stringMatching(/^1 in 1 parts/) as string,
  });
  expect(loss?.evidence?.at(-1)?.rows).toEqual([[explained.words[0]]]);
});

test('rows that were never sent are not acknowledged rows', () => {
  const nothing = { attempted: 0, acknowledged: 0, recovered: 0, lost: 0, unexpected: 0 };
  expect(statuses(nothing)).toContain('failed');
});

test('the rows that are wrong are shown, with the statements that find them', () => {
  const contents = [
    { node: 'clickhouse-01', missing: [], unexpected: [], sql: ['SELECT 1'] },
    {
      ...{ node: 'clickhouse-02', missing: ['3'], sql: ['SELECT 2'] },
      unexpected: [{ id: '4', why: 'changed', parts: 'all_1_1_0' }],
    },
  ];
  const account = { ...exact, lost: 1, unexpected: 1 };
  const [, lost, unexpected] = accountFindings(account, contents, { guarantee: 'quorum' });
  expect(lost?.evidence?.[0]?.rows).toEqual([['clickhouse-02', '3']]);
  expect(unexpected?.evidence?.[0]?.rows).toEqual([['clickhouse-02', '4', 'changed', 'all_1_1_0']]);
  expect([lost?.sql, unexpected?.sql]).toEqual([['SELECT 2'], ['SELECT 2']]);
});

test('a workload that goes wrong without the fault proves nothing', () => {
  expect(baselineFinding(exact, []).status).toBe('passed');
  expect(baselineFinding({ ...exact, lost: 1 }, []).status).toBe('inconclusive');
  expect(baselineFinding(exact, [refusal])).toMatchObject({
    status: 'inconclusive',
    observed: expect.stringContaining('1 attempts refused') as string,
  });
});

test('recovery fails when it takes longer than its time or is never reached', () => {
  expect(recoveryFinding(5, 5, 0.5).status).toBe('passed');
  expect(recoveryFinding(5.1, 5, 0.5).status).toBe('failed');
  expect(recoveryFinding(5.1, 5, undefined).status).toBe('failed');
  expect(recoveryFinding(undefined, 5, 0.5).status).toBe('failed');
});

test('on an overloaded machine being late proves nothing, and being in time is enough', () => {
  expect(recoveryFinding(5, 5, 0.97).status).toBe('passed');
  expect(recoveryFinding(5.1, 5, 0.97)).toMatchObject({
    status: 'inconclusive',
    reason: expect.stringContaining('during 97 % of the drill'),
  });
  expect(recoveryFinding(undefined, 5, 0.97).status).toBe('failed');
});
