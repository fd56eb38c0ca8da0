import { expect, test } from 'vitest';
import { verdictOf } from '../../test/verified-run.ts';
import { exitCodeOf } from '../check-run.ts';
import type { Status } from '../verdict.ts';
import { gatesOf } from './quality-gates.ts';

test('each area that was looked at has its gates, with the results that are behind them', () => {
  const verdicts = [
    ...[verdictOf('macros', 'passed'), verdictOf('placement', 'failed')],
    verdictOf('accounts', 'inconclusive'),
  ];
  const gates = gatesOf(verdicts, [
    { id: '1', verdict: 'placement' },
    { id: '2', verdict: 'accounts' },
  ]);
  expect(gates.map(({ rule, success, testResults }) => [rule, success, testResults])).toEqual([
    ['Something is proven', true, []],
    ['ClickHouse: no check failed', false, ['1']],
    ['ClickHouse: every check could run', true, []],
    ['Security: no check failed', true, []],
    ['Security: every check could run', false, ['2']],
  ]);
});

test.each<Status[][]>([
  [['passed', 'skipped']],
  [['warned']],
  [['skipped']],
  [['passed', 'failed']],
  [['passed', 'inconclusive']],
  [[]],
])('of %j the gates say what the exit code says', (statuses) => {
  const verdicts = statuses.map((status) => verdictOf('macros', status));
  const open = gatesOf(verdicts, []).every(({ success }) => success);
  expect(open ? 0 : 1).toBe(exitCodeOf(verdicts));
});
