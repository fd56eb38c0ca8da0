import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryLock } from './file-lock.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  file = join(folder, 'below', 'lock');
});
afterEach(() => rm(folder, { recursive: true }));

const program = join(import.meta.dirname, '../../test/take-locks.ts');

/** A process that takes the lock again and again; the last word that it prints says how it went. */
async function taker(rounds: number, end: 'exit' | 'die'): Promise<string> {
  const child = spawn(process.execPath, [program, file, String(rounds), end], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return said.trim();
}

test('a file is locked for one until it is given back, in this process, too', async () => {
  {
    await using lock = await tryLock(file);
    expect(lock).toBeDefined();
    expect(await tryLock(file)).toBeUndefined();
  }
  expect(await readdir(join(folder, 'below'))).toEqual([]);
  await using again = await tryLock(file);
  expect(again).toBeDefined();
});

test('the lock of a process that was killed counts for nothing', async () => {
  expect(await taker(1, 'die')).toBe('1 held');
  await using lock = await tryLock(file);
  expect(lock).toBeDefined();
});

test('of many that take it thousands of times, some of whom die with it, never two have it', async () => {
  const survivors = Array.from({ length: 4 }, () => taker(1000, 'exit'));
  const victims = Array.from({ length: 4 }, () => taker(25, 'die'));
  const said = await Promise.all([...survivors, ...victims]);
  expect(said).toEqual([...Array(4).fill('1000 held'), ...Array(4).fill('25 held')]);
}, 60_000);
