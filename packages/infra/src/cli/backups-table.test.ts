import { expect, test } from 'vitest';
import type { Manifest } from '../backup/index.ts';
import { backupsTable, describeBackup, describeRestored } from './backups-table.ts';

const manifest: Manifest = {
  ...{
    formatVersion: 1,
    name: 'nightly',
    createdAt: '2026-11-30T01:00:00.000Z',
    platform: 'local',
  },
  ...{ clickhouse: '26.7.2.1', database: 'otus_default', definitions: [] },
  base: { name: 'weekly', seal: 'abc' },
  leftOut: [{ name: 'own', why: 'no replica has the rows of MergeTree' }],
  shards: ['01', '02'].map((shard) => ({
    ...{ shard, takenFrom: `clickhouse-${shard}` },
    tables: [
      {
        ...{ name: 'events', engine: 'ReplicatedMergeTree', uuid: 'u', definition: 'CREATE TABLE' },
        ...{ coordinationPath: '', replicas: {} },
        // Two replicas of which rows are counted once.
        contents: ['a', 'b'].map((node) => ({ node, rows: 3, hash: '1' })),
      },
    ],
    objects: [{ key: '.backup', size: 1_200_000, sha256: 'def' }],
  })),
};

test('a list has a line for each backup, and the reasons below it', () => {
  const text = backupsTable([
    { name: 'cut', problem: 'The backup cut is not whole.' },
    { name: 'nightly', manifest },
  ]);
  expect(text).toMatch(/^nightly +2026-11-30T01:00:00Z +weekly +2 +1 +6 +2\.4 MB$/m);
  expect(text).toMatch(/^cut +not whole \(see below\)$/m);
  expect(text).toMatch(/\n\nThe backup cut is not whole\.\n$/);
  expect(backupsTable([])).toBe('There are no backups.\n');
});

test('a backup says what it holds and what it does not', () => {
  expect(describeBackup(manifest).split('\n')).toEqual([
    'The backup nightly: 6 rows, 2.4 MB besides what weekly has.',
    '  shard 01 from clickhouse-01, 1 objects: events 3',
    '  shard 02 from clickhouse-02, 1 objects: events 3',
    '  Left out: own, no replica has the rows of MergeTree.',
    '',
  ]);
});

test('the table says what was restored and what was there already', () => {
  const nodes = ['a', 'b'];
  const rows = { shard: '01', table: 'events', rows: 3, nodes };
  const text = describeRestored('nightly', [
    { ...rows, restored: true },
    { ...rows, shard: '02', restored: false },
  ]);
  expect(text).toContain('  shard 01, events: 3 rows on a and b\n');
  expect(text).toContain('  shard 02, events: 3 rows on a and b (were there)\n');
});
