import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../test/drill-target.ts';
import { undoAll, UndoError } from './undo.ts';

test('what runs is not started, what does not is', async () => {
  const { target, done } = imaginaryTarget(['clickhouse-02']);
  await undoAll(target, [
    { kind: 'start', component: 'clickhouse-01' },
    { kind: 'start', component: 'clickhouse-02' },
  ]);
  expect(done).toEqual(['start clickhouse-02']);
});

test('one that fails does not keep the others from being done, and is reported', async () => {
  const { target, done } = imaginaryTarget(['clickhouse-01', 'clickhouse-02']);
  const broken = {
    ...target,
    runtime: { ...target.runtime, thaw: () => Promise.reject(new Error('no such process')) },
  };
  const all = undoAll(broken, [
    { kind: 'thaw', component: 'clickhouse-01' },
    { kind: 'start', component: 'clickhouse-02' },
  ]);
  await expect(all).rejects.toThrow(UndoError);
  await expect(all).rejects.toThrow('no such process');
  expect(done).toEqual(['start clickhouse-02']);
});

test('a file is removed, and that again changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  try {
    const path = join(folder, 'broken.py');
    await writeFile(path, 'def');
    const { target } = imaginaryTarget();
    await undoAll(target, [{ kind: 'file', path }]);
    await undoAll(target, [{ kind: 'file', path }]);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
