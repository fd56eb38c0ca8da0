import { expect, test } from 'vitest';
import { definitionLines } from './definition-lines.ts';

test('each column and each clause of a table has a line', () => {
  const definition =
    "CREATE TABLE d.t (`id` UInt64, `p` Decimal(10, 2) DEFAULT 1.5 COMMENT 'it''s, (so', " +
    'INDEX ix p TYPE minmax GRANULARITY 1) ENGINE = MergeTree PARTITION BY intDiv(id, 10) ' +
    'ORDER BY (id, p) TTL toDate(id) + toIntervalYear(10) SETTINGS index_granularity = 100';
  expect(definitionLines(definition).split('\n')).toEqual([
    'CREATE TABLE d.t (',
    '    `id` UInt64,',
    "    `p` Decimal(10, 2) DEFAULT 1.5 COMMENT 'it''s, (so',",
    '    INDEX ix p TYPE minmax GRANULARITY 1',
    ')',
    'ENGINE = MergeTree',
    'PARTITION BY intDiv(id, 10)',
    'ORDER BY (id, p)',
    'TTL toDate(id) + toIntervalYear(10)',
    'SETTINGS index_granularity = 100',
  ]);
});

test('a view is broken at its clauses, not inside of expressions', () => {
  const definition =
    'CREATE MATERIALIZED VIEW d.v TO d.t (`id` UInt64) AS SELECT id, extract(y FROM z) AS `from` ' +
    'FROM d.s GLOBAL ANY LEFT JOIN d.r ON s.id = r.id WHERE id > 1 GROUP BY id';
  expect(definitionLines(definition).split('\n')).toEqual([
    'CREATE MATERIALIZED VIEW d.v',
    'TO d.t (',
    '    `id` UInt64',
    ')',
    'AS SELECT id, extract(y FROM z) AS `from`',
    'FROM d.s',
    'GLOBAL ANY LEFT JOIN d.r ON s.id = r.id',
    'WHERE id > 1',
    'GROUP BY id',
  ]);
});

test('who a view runs as is one clause each', () => {
  const definition =
    'CREATE MATERIALIZED VIEW d.v REFRESH EVERY 1 DAY (`id` UInt64) ENGINE = Log DEFINER = su ' +
    'SQL SECURITY DEFINER AS SELECT 1 AS id';
  expect(definitionLines(definition).split('\n').slice(1)).toEqual([
    'REFRESH EVERY 1 DAY (',
    '    `id` UInt64',
    ')',
    'ENGINE = Log',
    'DEFINER = su',
    'SQL SECURITY DEFINER',
    'AS SELECT 1 AS id',
  ]);
});

test('a definition without columns stays on one line', () => {
  const definition = 'CREATE TABLE d.t ENGINE = Null';
  expect(definitionLines(definition)).toBe('CREATE TABLE d.t\nENGINE = Null');
});
