import { expect, test } from 'vitest';
import type { UserTable } from '../clickhouse/user-tables.ts';
import { parseContract } from '../contract/read-contract.ts';
import { draftContract } from './contract-draft.ts';
import { statedTable } from './stated-table.ts';

const table = (engine: string, engineFull: string): UserTable => ({
  ...{ database: 'shop', name: 'orders', commonName: 'orders', engine, engineFull },
  ...{ definition: '', uuid: undefined, dependents: [] },
});
const column = (name: string, type: string, kind = '', expression = '') => ({
  ...{ name, type, kind, expression },
});
const keys = { partition: '', sorting: 'id, at' };

test('an engine is stated with its arguments, without the path and name of a replica', () => {
  const engineOf = (engine: string, full: string) =>
    statedTable(table(engine, full), keys, []).engine;
  const path = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";
  expect(
    engineOf('MergeTree', 'MergeTree ORDER BY (id, at) SETTINGS index_granularity = 8192'),
  ).toBe('MergeTree');
  expect(engineOf('ReplicatedMergeTree', `ReplicatedMergeTree(${path}) ORDER BY id`)).toBe(
    'ReplicatedMergeTree',
  );
  const replacing = `ReplicatedReplacingMergeTree(${path}, ver, is_deleted) ORDER BY id`;
  expect(engineOf('ReplicatedReplacingMergeTree', replacing)).toBe(
    'ReplicatedReplacingMergeTree(ver, is_deleted)',
  );
  expect(engineOf('SummingMergeTree', 'SummingMergeTree((n, d)) ORDER BY id')).toBe(
    'SummingMergeTree((n, d))',
  );
});

test('columns are stated with what they are filled from', () => {
  const columns = [
    ...[column('id', 'UInt64'), column('n.k', 'Array(String)')],
    ...[column('raw', 'String', 'EPHEMERAL', "defaultValueOfTypeName('String')")],
    ...[column('low', 'String', 'ALIAS', 'lower(name)')],
  ];
  expect(
    statedTable(table('MergeTree', 'MergeTree'), { partition: 'day', sorting: '' }, columns),
  ).toEqual({
    ...{ engine: 'MergeTree', orderBy: 'tuple()', partitionBy: 'day' },
    columns: {
      ...{ id: 'UInt64', 'n.k': 'Array(String)', raw: 'String EPHEMERAL' },
      low: 'String ALIAS lower(name)',
    },
  });
  const odd = statedTable(table('MergeTree', 'MergeTree'), keys, [column('a b', 'UInt8')]);
  expect(odd).not.toHaveProperty('columns');
});

test('a draft is a contract, with suggestions that are none yet', () => {
  const columns = [
    ...[column('id', 'UInt64'), column('at', 'DateTime'), column('price', 'Decimal(9, 2)')],
  ];
  const text = draftContract(
    [
      {
        table: { name: 'orders', database: 'shop', kind: 'table' },
        stated: statedTable(table('MergeTree', 'MergeTree'), keys, columns),
        rules: [{ rule: 'unique', columns: ['id'] }],
        columns,
      },
    ],
    [{ table: 'shop.log', reason: 'its engine is TinyLog' }],
  );
  const [orders] = parseContract(text, 'draft').tables;
  expect(orders).toMatchObject({ name: 'orders', orderBy: 'id, at', rules: [{ rule: 'unique' }] });
  expect(text).toContain('# - { rule: freshness, column: at, within: 1 day }');
  expect(text).toContain('# Not in it: shop.log: its engine is TinyLog.');
});
