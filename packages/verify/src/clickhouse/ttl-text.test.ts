import { expect, test } from 'vitest';
import { ttlsOf } from './ttl-text.ts';

test('rows and columns, whatever comments, settings and indices say', () => {
  const text =
    "CREATE TABLE shop.x (`id` UInt32, `d` DateTime, `v` String TTL d + toIntervalDay(1), `TTL` UInt8 DEFAULT 5 COMMENT 'TTL (x' TTL d + toIntervalMonth(12), INDEX TTL v TYPE minmax GRANULARITY 1) ENGINE = MergeTree ORDER BY id TTL d + toIntervalMonth(3) WHERE id IN (3, 4), d + toIntervalYear(1), d + toIntervalDay(2) RECOMPRESS CODEC(ZSTD(3)), d TO VOLUME 'slow' SETTINGS index_granularity = 100 COMMENT 'a TTL b'";
  expect(ttlsOf(text)).toEqual([
    { column: 'v', text: 'd + toIntervalDay(1)' },
    { column: 'TTL', text: 'd + toIntervalMonth(12)' },
    { text: 'd + toIntervalMonth(3) WHERE id IN (3, 4)' },
    { text: 'd + toIntervalYear(1)' },
  ]);
});

test('commas of GROUP BY and SET do not end an element', () => {
  const text =
    'CREATE TABLE shop.y (`id` UInt32, `d` DateTime, `v` UInt8) ENGINE = MergeTree ORDER BY (id, v) TTL d + toIntervalMonth(1) GROUP BY id SET v = max(v), d = min(d) SETTINGS index_granularity = 8192';
  expect(ttlsOf(text)).toEqual([
    { text: 'd + toIntervalMonth(1) GROUP BY id SET v = max(v), d = min(d)' },
  ]);
});

test.each([
  'CREATE TABLE shop.z (`id` UInt32, `ttl` DateTime) ENGINE = MergeTree PARTITION BY ttl ORDER BY id SETTINGS ttl_only_drop_parts = 1',
  "CREATE TABLE shop.z (`id` UInt32 COMMENT ' TTL d') ENGINE = ReplicatedMergeTree('/a/TTL/{shard}', '{replica}') ORDER BY id",
])('none in %s', (text) => {
  expect(ttlsOf(text)).toEqual([]);
});
