import { expect, test } from 'vitest';
import { backupFolder, checkBackupName, nameOfMoment } from './backup-name.ts';

test('a backup that was given no name has that of its moment', () => {
  const name = nameOfMoment(new Date('2026-11-30T01:02:03.456Z'));
  expect(name).toBe('20261130T010203Z');
  expect(checkBackupName(name)).toBe(name);
});

test.each(['', 'a/b', '../a', '.hidden', "a'b", 'ä', 'a'.repeat(64)])('%j is no name', (name) => {
  expect(() => checkBackupName(name)).toThrow(/^Expected the name of a backup/);
});

test('a backup is below the prefix of its platform', () => {
  const { root, manifest, shard } = backupFolder('a-team/', 'nightly');
  expect(root).toBe('a-team/backups/nightly/');
  expect(manifest).toBe('a-team/backups/nightly/manifest.json');
  expect(shard('01')).toBe('a-team/backups/nightly/shard-01/');
});
