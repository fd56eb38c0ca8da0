import { expect, test } from 'vitest';
import { parseManifest, renderManifest, type Manifest } from './manifest.ts';

const manifest: Manifest = {
  ...{
    formatVersion: 1,
    name: 'nightly',
    createdAt: '2026-11-30T01:00:00.000Z',
    platform: 'local',
  },
  ...{ clickhouse: '26.7.2.1', database: 'otus_default', definitions: [], leftOut: [] },
  base: { name: 'weekly', seal: 'abc' },
  shards: [
    {
      ...{ shard: '01', takenFrom: 'clickhouse-01' },
      tables: [
        {
          ...{
            name: 'events',
            engine: 'ReplicatedMergeTree',
            uuid: 'u',
            definition: 'CREATE TABLE',
          },
          ...{ coordinationPath: '/tables/01', replicas: { 'clickhouse-01': '01' } },
          contents: [{ node: 'clickhouse-01', rows: 3, hash: '18446744073709551615' }],
        },
      ],
      objects: [{ key: '.backup', size: 10, sha256: 'def' }],
    },
  ],
};

test('a manifest is read as it was written', () => {
  expect(parseManifest('nightly', renderManifest(manifest))).toEqual(manifest);
});

test.each<[string, (text: string) => string, RegExp]>([
  ['cut off', (text) => text.slice(0, -20), /it is not JSON/],
  ['changed', (text) => text.replace('"rows": 3', '"rows": 4'), /another SHA-256 than it says/],
  ['without its seal', (text) => text.replace('"seal": "', '"sael": "'), /seal/],
])('one that was %s is refused by name', (_, change, said) => {
  const text = change(renderManifest(manifest));
  expect(() => parseManifest('nightly', text)).toThrow(/^The backup nightly has been changed: /);
  expect(() => parseManifest('nightly', text)).toThrow(said);
});

test('one of another backup, or of another format, is refused', () => {
  expect(() => parseManifest('weekly', renderManifest(manifest))).toThrow(
    'it is of the backup nightly',
  );
  const later = renderManifest({ ...manifest, formatVersion: 2 as 1 });
  expect(() => parseManifest('nightly', later)).toThrow(/formatVersion/);
});
