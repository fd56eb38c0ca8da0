import { expect, test } from 'vitest';
import type { DistributedTable } from '../contract/contract.ts';
import { expectedRows } from './expected-rows.ts';

const table = (rows?: DistributedTable['rows']): DistributedTable => ({
  ...{ name: 'events', kind: 'distributed', over: 'events_local' },
  ...(rows !== undefined && { rows }),
});

test('the first table that states rows counts', () => {
  const stated = expectedRows({ parameters: { rows: 7 } }, table(), table('$rows'), table(9));
  expect(stated).toEqual({ bounds: { min: 7, max: 7 }, unknown: [] });
});

test('where no table states rows nothing is expected', () => {
  expect(expectedRows({ parameters: { rows: 7 } }, table())).toEqual({ unknown: [] });
});

test('a parameter that is not known is skipped, one that is no number inconclusive', () => {
  expect(expectedRows({ parameters: {} }, table('$rows'))).toMatchObject({
    unknown: [{ status: 'skipped', subject: 'events, number of rows' }],
  });
  const wrong = expectedRows({ parameters: { rows: 'many' } }, table({ min: '$rows' }));
  expect(wrong.bounds).toBeUndefined();
  expect(wrong.unknown).toMatchObject([{ status: 'inconclusive' }]);
});
