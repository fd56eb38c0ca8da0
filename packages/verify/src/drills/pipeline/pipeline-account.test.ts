import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../../test/drill-target.ts';
import { isExact, type Account } from '../account.ts';
import { contentFindings, pipelineAccount, type Contents } from './pipeline-account.ts';

const { cluster } = imaginaryTarget().target;
const PLACES = cluster.nodes.map(({ node }) => `${node.name} products_local`);
const [FIRST = ''] = PLACES;

/** Two shards with 50 rows each, of which places may differ. */
const contents = (others: Record<string, { rows: number; hash: string }> = {}): Contents =>
  new Map(PLACES.map((place) => [place, others[place] ?? { rows: 50, hash: 'h' }]));

const accountAfter = (after: Contents, state = 'success'): Account =>
  pipelineAccount(100, state, contents(), after, cluster);

test('the same content on every node is exact', () => {
  expect(isExact(accountAfter(contents()))).toBe(true);
});

test.each([
  ['fewer rows', { rows: 47, hash: 'g' }, { lost: 3, unexpected: 0 }],
  ['more rows', { rows: 52, hash: 'g' }, { lost: 0, unexpected: 2 }],
  ['as many rows with other content', { rows: 50, hash: 'g' }, { lost: 0, unexpected: 50 }],
])('one replica with %s is reported', (_, content, expected) => {
  const after = contents({ [FIRST]: content });
  const account = accountAfter(after);
  expect(account).toMatchObject(expected);
  expect(contentFindings(account, contents(), after)).toMatchObject([{ status: 'failed' }]);
});

test('rows that even the run without the fault did not load are lost', () => {
  const account = pipelineAccount(110, 'success', contents(), contents(), cluster);
  expect(account).toMatchObject({ recovered: 100, lost: 10 });
});

test('a run that failed has acknowledged nothing', () => {
  const account = accountAfter(contents(), 'failed');
  expect(account).toMatchObject({ attempted: 100, acknowledged: 0, lost: 0 });
  expect(isExact(account)).toBe(false);
});
