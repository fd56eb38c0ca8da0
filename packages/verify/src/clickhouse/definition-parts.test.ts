import { expect, test } from 'vitest';
import { definitionParts } from './definition-parts.ts';

test('every part is found, whatever literals and names hold', () => {
  const text =
    "CREATE TABLE shop.t (`id` UInt64 COMMENT 'the (id), TTL' CODEC(Delta(8), ZSTD(1)), `name` String DEFAULT concat('a, b', 'c') TTL ts + toIntervalMonth(1), `TTL` UInt8, INDEX by_name name TYPE bloom_filter GRANULARITY 3, INDEX `odd name` (price, ts) TYPE minmax GRANULARITY 1, CONSTRAINT pos CHECK (price > 0) AND (name != ''), PROJECTION p (SELECT name, count() GROUP BY name)) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) PRIMARY KEY id ORDER BY (id, intHash32(id)) SAMPLE BY intHash32(id) TTL ts + toIntervalYear(1), ts + toIntervalYear(2) WHERE id > 3 SETTINGS index_granularity = 4096, storage_policy = 'a, b' COMMENT 'it\\'s a table'";
  const { columns, indices, constraints, projections, ttl, settings, comment } =
    definitionParts(text);
  expect(Object.fromEntries(columns)).toEqual({
    id: { codec: 'Delta(8), ZSTD(1)', ttl: '', comment: 'the (id), TTL' },
    name: { codec: '', ttl: 'ts + toIntervalMonth(1)', comment: '' },
    TTL: { codec: '', ttl: '', comment: '' },
  });
  expect(Object.fromEntries(indices)).toEqual({
    by_name: 'name TYPE bloom_filter GRANULARITY 3',
    'odd name': '(price, ts) TYPE minmax GRANULARITY 1',
  });
  expect(Object.fromEntries(constraints)).toEqual({ pos: "CHECK (price > 0) AND (name != '')" });
  expect(Object.fromEntries(projections)).toEqual({ p: '(SELECT name, count() GROUP BY name)' });
  expect(ttl).toBe('ts + toIntervalYear(1), ts + toIntervalYear(2) WHERE id > 3');
  expect(Object.fromEntries(settings)).toEqual({
    index_granularity: '4096',
    storage_policy: 'a, b',
  });
  expect(comment).toBe("it's a table");
});

test('a definition that says nothing of them has none', () => {
  const parts = definitionParts('CREATE TABLE d.t (`id` UInt8) ENGINE = MergeTree ORDER BY id');
  expect(parts).toMatchObject({ ttl: '', comment: '' });
  expect([parts.indices, parts.constraints, parts.projections, parts.settings]).toSatisfy(
    (maps: ReadonlyMap<string, string>[]) => maps.every(({ size }) => size === 0),
  );
});
