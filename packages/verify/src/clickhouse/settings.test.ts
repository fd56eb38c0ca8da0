import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { askSettings, settingsClause } from './settings.ts';

/** A server that shows these rows of system.settings. */
const server = (
  rows: readonly { name: string; value: string; readonly?: number }[],
): Pick<NodeClient, 'query'> => ({
  query: (_sql, row) => Promise.resolve(z.array(row).parse(rows)),
});

const WANTED = { final: '0', load_balancing: 'in_order', use_query_cache: '0' };

test('what a server has can be set, and what it has otherwise must be', async () => {
  const answer = await askSettings(
    server([
      { name: 'readonly', value: '2', readonly: 1 },
      { name: 'final', value: '0', readonly: 0 },
      { name: 'load_balancing', value: 'random', readonly: 0 },
    ]),
    WANTED,
  );
  expect(answer).toEqual({
    settable: { final: '0', load_balancing: 'in_order' },
    different: { load_balancing: 'in_order' },
    refused: [],
    unknown: ['use_query_cache'],
  });
});

test('of what an account may not set, only what is otherwise is refused', async () => {
  const answer = await askSettings(
    server([
      { name: 'readonly', value: '0', readonly: 0 },
      { name: 'final', value: '1', readonly: 1 },
      { name: 'load_balancing', value: 'in_order', readonly: 1 },
      { name: 'use_query_cache', value: '0', readonly: 0 },
    ]),
    WANTED,
  );
  expect(answer).toMatchObject({ settable: { use_query_cache: '0' }, refused: ['final'] });
});

test('an old server shows no more than values: with readonly = 1 nothing is set', async () => {
  const rows = [
    { name: 'readonly', value: '1' },
    { name: 'load_balancing', value: 'random' },
  ];
  const answer = await askSettings(server(rows), WANTED);
  expect(answer).toMatchObject({ settable: {}, different: {}, refused: ['load_balancing'] });
});

test('a clause names settings with numbers and texts as they are written', () => {
  expect(settingsClause({ final: '0', load_balancing: 'in_order' })).toBe(
    "SETTINGS final = 0, load_balancing = 'in_order'",
  );
  expect(settingsClause({})).toBe('');
});
