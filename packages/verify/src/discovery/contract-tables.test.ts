import { expect, test } from 'vitest';
import type { UserTable } from '../clickhouse/user-tables.ts';
import { contractTables } from './contract-tables.ts';
import { contractOf } from './describe-cluster.ts';
import { isChosen } from './table-choice.ts';

const table = (name: string, engineFull: string, database = 'shop'): UserTable => ({
  ...{ database, name, commonName: name, engine: /^\w+/.exec(engineFull)?.[0] ?? '', engineFull },
  ...{ definition: '', uuid: undefined, dependents: [] },
});
const orders = table('orders_local', "ReplicatedMergeTree('/p', 'r') ORDER BY id");
const keys = new Map([['shop.orders_local', { partition: 'toYYYYMM(at)', sorting: 'id' }]]);
const of = (...tables: UserTable[]) => contractTables(tables, 'dwh', keys);

test('tables of rows and those that spread them are in a contract that is one', () => {
  const spread = table(
    'orders',
    "Distributed('dwh', 'shop', 'orders_local', id + toUInt64(a AND b), 'policy') SETTINGS fsync = 1",
  );
  const found = of(
    orders,
    spread,
    table('unkeyed', "Distributed('{cluster}', '', 'orders_local')"),
  );
  expect(found.tables).toEqual([
    {
      ...{ name: 'orders', database: 'shop', kind: 'distributed', over: 'shop.orders_local' },
      ...{ shardingKey: 'id + toUInt64(a AND b)', spread: {} },
    },
    { name: 'orders_local', database: 'shop', kind: 'table', partitionBy: 'toYYYYMM(at)' },
    { name: 'unkeyed', database: 'shop', kind: 'distributed', over: 'shop.orders_local' },
  ]);
  expect(found.leftOut).toEqual([]);
  expect(contractOf(found).tables).toHaveLength(3);
  expect(contractOf({ tables: [], leftOut: [] }).tables).toEqual([]);
});

test('what holds no rows is left to the comparison of definitions', () => {
  const others = ['View', 'MaterializedView', 'Dictionary', 'Null'].map((engine) =>
    table(`a_${engine}`, engine),
  );
  expect(of(...others, table('.inner_id.1', 'MergeTree ORDER BY a'))).toEqual({
    ...{ tables: [], leftOut: [] },
  });
});

test('of what cannot be judged it is said why', () => {
  const found = of(
    ...[orders, table('log', 'TinyLog'), table('a-b', 'MergeTree ORDER BY a')],
    table('elsewhere', "Distributed('logs', 'shop', 'orders_local')"),
    table('nowhere', "Distributed('dwh', 'shop', 'gone')"),
  );
  expect(
    Object.fromEntries(found.leftOut.map(({ table: name, reason }) => [name, reason])),
  ).toEqual({
    'shop.a-b': expect.stringContaining('letters, digits and _'),
    'shop.elsewhere': expect.stringContaining('another cluster, logs'),
    'shop.log': expect.stringContaining('its engine is TinyLog'),
    'shop.nowhere': expect.stringContaining('shop.gone'),
  });
});

test('tables are chosen by patterns of names, with or without their database', () => {
  const all = { databases: [], tables: [], exclude: [] };
  const shop = { database: 'shop', name: 'orders_local' };
  expect(isChosen(shop, all)).toBe(true);
  expect(isChosen(shop, { ...all, databases: ['sh*'] })).toBe(true);
  expect(isChosen(shop, { ...all, databases: ['logs'] })).toBe(false);
  expect(isChosen(shop, { ...all, tables: ['orders_*'] })).toBe(true);
  expect(isChosen(shop, { ...all, tables: ['logs.orders_*'] })).toBe(false);
  expect(isChosen(shop, { ...all, exclude: ['shop.*_local'] })).toBe(false);
});
