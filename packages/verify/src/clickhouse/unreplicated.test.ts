import { expect, test } from 'vitest';
import { unreplicatedOn, type ShardNodeTables } from './unreplicated.ts';
import type { UserTable } from './user-tables.ts';
import type { DistributedTable } from './write-paths.ts';

const table = (name: string, engine: string, more: Partial<UserTable> = {}): UserTable => ({
  ...{ database: 'd', name, commonName: name, engine, engineFull: engine, definition: '' },
  ...{ uuid: undefined, dependents: [] },
  ...more,
});
const view = (name: string, definition: string, dependents: readonly string[] = []) =>
  table(name, 'MaterializedView', { definition, dependents });
const fanOut: DistributedTable = {
  ...{ name: 'd.all', over: 'd.source', cluster: 'c', mode: 'every replica' },
};

/** Two shards of two replicas that have the same. */
const cluster = (
  tables: readonly UserTable[],
  distributed: readonly DistributedTable[] = [],
): ShardNodeTables[] =>
  [1, 2, 3, 4].map((index) => ({
    ...{ node: `node-${index}`, shard: index % 2 === 0 ? '02' : '01', tables, distributed },
  }));
const found = (...args: Parameters<typeof cluster>) =>
  unreplicatedOn(cluster(...args)).map(({ name, because }) => [name, because]);

test('only tables of the MergeTree family that do not replicate themselves count', () => {
  const engines = ['MergeTree', 'ReplicatedMergeTree', 'SharedMergeTree', 'Log', 'Distributed'];
  expect(found(engines.map((engine) => table(engine, engine)))).toEqual([
    ['d.MergeTree', undefined],
  ]);
});

test('a table that one replica of each shard has is none that differs between replicas', () => {
  const nodes = cluster([table('t', 'MergeTree')]).slice(0, 2);
  expect(unreplicatedOn(nodes)).toEqual([]);
});

test('a Distributed table that writes to every replica explains its table, another does not', () => {
  const tables = [table('source', 'MergeTree')];
  expect(found(tables, [fanOut])).toEqual([['d.source', 'd.all writes to every replica']]);
  for (const mode of ['one replica', 'mixed', 'not shown'] as const) {
    const [plain] = unreplicatedOn(cluster(tables, [{ ...fanOut, mode }]));
    const unseen = mode === 'not shown' ? 'd.all' : undefined;
    expect(plain).toMatchObject({ because: undefined, unseen });
  }
});

test('a table that one node writes to one replica alone is not written to every replica', () => {
  const [first, ...rest] = cluster([table('source', 'MergeTree')], [fanOut]);
  const other = { ...first!, distributed: [{ ...fanOut, mode: 'one replica' } as const] };
  expect(unreplicatedOn([other, ...rest])[0]?.because).toBeUndefined();
  const reading = { ...fanOut, name: 'd.each', cluster: 'each', mode: 'no replicas' } as const;
  const both = cluster([table('source', 'MergeTree')], [fanOut, reading]);
  expect(unreplicatedOn(both)[0]?.because).toBe('d.all writes to every replica');
});

test('views hand on what is written to every replica, through views of views', () => {
  const tables = [
    table('source', 'MergeTree', { dependents: ['d.v'] }),
    view('v', 'CREATE MATERIALIZED VIEW d.v TO e.`my target` (`a` Int8) AS SELECT a FROM d.source'),
    table('my target', 'SummingMergeTree', { database: 'e', dependents: ['d.w'] }),
    view('w', "CREATE MATERIALIZED VIEW d.w (`a` Int8) ENGINE = MergeTree TTL a TO DISK 'x' AS …"),
    table('.inner_id.1', 'MergeTree', { commonName: '.inner.w' }),
    table('other', 'MergeTree'),
  ];
  expect(found(tables, [fanOut])).toEqual([
    ['d..inner.w', 'd.w fills it on each replica from e.my target'],
    ['d.other', undefined],
    ['d.source', 'd.all writes to every replica'],
    ['e.my target', 'd.v fills it on each replica from d.source'],
  ]);
});

test('a view over a replicated table leaves what it fills on one replica', () => {
  const tables = [
    table('source', 'ReplicatedMergeTree', { dependents: ['d.v'] }),
    view('v', 'CREATE MATERIALIZED VIEW d.v TO d.t AS SELECT 1'),
    table('t', 'MergeTree'),
  ];
  expect(found(tables)).toEqual([['d.t', undefined]]);
});

test('a view that refreshes makes its table on each node', () => {
  const tables = [
    view('v', 'CREATE MATERIALIZED VIEW d.v REFRESH EVERY 1 DAY APPEND TO d.t (`a` Int8) AS …'),
    table('t', 'MergeTree'),
  ];
  expect(found(tables)).toEqual([['d.t', 'd.v makes it on each node by itself']]);
});
