import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from '@provehouse/infra';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  clearJournal,
  DrillUnderWayError,
  readJournal,
  writeJournal,
  type FaultJournal,
} from './fault-journal.ts';
import type { Undo } from './undo.ts';

const UNDO: readonly Undo[] = [
  { kind: 'start', component: 'clickhouse-01' },
  { kind: 'tables', names: ['provehouse_drill_1'] },
];

let folder: string;
let journal: FaultJournal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  journal = { file: join(folder, 'verify', 'drill-in-progress.json') };
});
afterEach(() => rm(folder, { recursive: true }));

test('what was noted is read again by another process', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  expect(await readJournal(journal)).toEqual({
    ...{ drill: 'stop-replica', undo: UNDO },
    process: await identityOf(process.pid),
  });
});

test('a journal that is not whole is named, with what to do', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  await writeFile(journal.file, '{"drill": "stop-');
  await expect(readJournal(journal)).rejects.toThrow(
    /drill-in-progress\.json is not whole[^]*put that right by hand/,
  );
});

test('a drill that is going on in another process is left alone', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  const text = await readFile(journal.file, 'utf8');
  await writeFile(
    journal.file,
    text.replace(await identityOf(process.pid), await identityOf(process.ppid)),
  );
  await expect(readJournal(journal)).rejects.toThrow(DrillUnderWayError);
  await expect(readJournal(journal)).rejects.toThrow(`in process ${process.ppid}`);
});

test('a drill whose process is gone was cut off', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  const child = spawn('cat');
  const identity = await identityOf(child.pid!);
  child.stdin.end();
  await once(child, 'exit');
  const text = await readFile(journal.file, 'utf8');
  await writeFile(journal.file, text.replace(await identityOf(process.pid), identity));
  expect(await readJournal(journal)).toMatchObject({ undo: UNDO });
});

test('a process that has the pid of one that is gone does not count as it', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  const text = await readFile(journal.file, 'utf8');
  const earlier = `${process.ppid}-1`;
  await writeFile(journal.file, text.replace(await identityOf(process.pid), earlier));
  expect(await readJournal(journal)).toMatchObject({ undo: UNDO });
});

test('without a drill that was cut off there is nothing to read, and nothing to forget', async () => {
  expect(await readJournal(journal)).toBeUndefined();
  await clearJournal(journal);
  await writeJournal(journal, 'stop-replica', UNDO);
  await clearJournal(journal);
  expect(await readJournal(journal)).toBeUndefined();
  expect(await readdir(join(folder, 'verify'))).toEqual([]);
});

test('a journal that nobody understands is an error, and not taken for a platform that is right', async () => {
  await writeJournal(journal, 'stop-replica', UNDO);
  await writeFile(journal.file, '{"drill":"x","undo":[{"kind":"unknown"}]}');
  await expect(readJournal(journal)).rejects.toThrow('undo');
});
