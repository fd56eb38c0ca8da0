import { expect, test } from 'vitest';
import type { Finding } from '../verdict.ts';
import { applyWaivers, waiverSchema, type Waiver } from './waivers.ts';

const finding: Finding = {
  status: 'failed',
  subject: 'orders.price, range',
  node: 'clickhouse-02',
  expected: 'from 1 to 5',
  observed: '3 of 10 rows break it',
  reason: 'Correct them.',
};
const waiver: Waiver = {
  rule: 'orders.price, range',
  reason: 'being corrected',
  until: '2026-12-31',
};
const apply = (waivers: readonly Waiver[], day: string, ...findings: Finding[]) =>
  applyWaivers(waivers, 'value-rules', findings, new Date(`${day}T23:59:59Z`));

test('a waived finding warns with the reason and the day, until the end of that day', () => {
  expect(apply([waiver], '2026-12-31', finding)).toMatchObject([
    {
      status: 'warned',
      observed: '3 of 10 rows break it (waived until 2026-12-31)',
      reason:
        'Waived until 2026-12-31: being corrected Without the waiver it is failed: Correct them.',
    },
  ]);
});

test('after its day the finding fails again and says so', () => {
  expect(apply([waiver], '2027-01-01', finding)).toMatchObject([
    {
      status: 'failed',
      reason: 'Correct them. A waiver ended on 2026-12-31 (being corrected).',
    },
  ]);
});

test('only the check, rule and node that it names are waived', () => {
  const statuses = (change: Partial<Waiver>) =>
    apply([{ ...waiver, ...change }], '2026-01-01', finding).map(({ status }) => status);
  expect(statuses({ node: 'clickhouse-02' })).toEqual(['warned']);
  expect(statuses({ node: 'clickhouse-01' })).toEqual(['failed']);
  expect(statuses({ rule: 'orders.id, unique' })).toEqual(['failed']);
  expect(statuses({ check: 'spread' })).toEqual(['failed']);
  expect(statuses({ rule: undefined, check: 'value-rules' })).toEqual(['warned']);
});

test('what did not fail stays as it is, what could not be judged may be waived', () => {
  const passed: Finding = { ...finding, status: 'passed' };
  const open: Finding = { ...finding, status: 'inconclusive' };
  expect(apply([waiver], '2026-01-01', passed, open).map(({ status }) => status)).toEqual([
    'passed',
    'warned',
  ]);
});

test.each([
  [{ rule: 'a', reason: 'b' }, 'until'],
  [{ rule: 'a', reason: 'b', until: '2026-13-01' }, 'expected a day'],
  [{ reason: 'b', until: '2026-12-01' }, 'expected check, rule, or both'],
  [{ rule: 'a', until: '2026-12-01' }, 'reason'],
])('%j is refused', (raw, message) => {
  expect(JSON.stringify(waiverSchema.safeParse(raw).error?.issues)).toContain(message);
});
