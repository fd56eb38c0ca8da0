import { expect, test } from 'vitest';
import { accountOf, isExact, type NodeContent } from './account.ts';

const SENT = { attempted: 100, acknowledged: 90 };
const node = (name: string, parts: Partial<NodeContent> = {}): NodeContent => ({
  ...{ node: name, missing: [], unexpected: [], sql: [] },
  ...parts,
});

test('rows that are everywhere are recovered', () => {
  expect(accountOf(SENT, [node('a'), node('b')])).toEqual({
    ...SENT,
    ...{ recovered: 90, lost: 0, unexpected: 0 },
  });
});

test('a row that one replica lacks is lost, and once if both lack it', () => {
  const contents = [node('a', { missing: ['1', '2'] }), node('b', { missing: ['2'] })];
  expect(accountOf(SENT, contents)).toMatchObject({ recovered: 88, lost: 2 });
});

test('a row that is twice on both replicas is one unexpected row', () => {
  const unexpected = [{ id: '7', why: 'twice', parts: 'all_1_1_0' }];
  const contents = [node('a', { unexpected }), node('b', { unexpected })];
  expect(accountOf(SENT, contents)).toMatchObject({ recovered: 90, unexpected: 1 });
});

test.each([
  ['nothing was sent', { attempted: 0, acknowledged: 0 }],
  ['a row was not acknowledged', { acknowledged: 9 }],
  ['a row is lost', { lost: 1 }],
  ['a row is unexpected', { unexpected: 1 }],
])('an account is not exact when %s', (_, wrong) => {
  const exact = { attempted: 10, acknowledged: 10, recovered: 10, lost: 0, unexpected: 0 };
  expect(isExact(exact)).toBe(true);
  expect(isExact({ ...exact, ...wrong })).toBe(false);
});
