import { expect, test } from 'vitest';
import type { Attempt, TimelineRecord } from '../timeline.ts';
import { writesFinding } from './writes-finding.ts';

const attempt = (start: number, reason?: string): Attempt => ({
  ...{ node: 'clickhouse-01', batch: 0, start, end: start + 0.5 },
  ...(reason === undefined ? { accepted: true } : { accepted: false, reason }),
});
/** The fault lasts from second 10 to 20. */
const record = (...attempts: readonly Attempt[]): TimelineRecord => ({
  ...{ attempts, tasks: [], moments: { injected: 9, proved: 10, lifted: 20 } },
});

test.each([
  ['accepted', [attempt(11)], 'passed'],
  ['accepted', [attempt(11), attempt(12, 'refused')], 'passed'],
  ['accepted', [attempt(11, 'refused')], 'failed'],
  ['refused', [attempt(11, 'No quorum')], 'passed'],
  ['refused', [attempt(11, 'No quorum'), attempt(12)], 'failed'],
  ['refused', [attempt(11, '')], 'failed'],
  ['either', [attempt(11), attempt(12, 'refused')], 'passed'],
  ['either', [attempt(11, '')], 'failed'],
] as const)('expected to be %s: %j is %s', (expectation, attempts, status) => {
  expect(writesFinding(record(...attempts), expectation).status).toBe(status);
});

test('what came before the fault or after it does not count', () => {
  const outside = record(attempt(1, 'before'), attempt(9.8, 'half'), attempt(19.8), attempt(30));
  expect(writesFinding(outside, 'refused').status).toBe('inconclusive');
});

test('a fault that never came has no writes while it lasted', () => {
  const { attempts } = record(attempt(11));
  expect(writesFinding({ attempts, tasks: [], moments: {} }, 'accepted').status).toBe(
    'inconclusive',
  );
});

test('what the nodes said is shown', () => {
  const { evidence } = writesFinding(record(attempt(11, 'No quorum')), 'refused');
  expect(evidence?.[0]?.rows).toEqual([['clickhouse-01', 0, 'No quorum']]);
});
