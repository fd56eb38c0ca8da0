import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkedClasses, type TrainedProgram } from './linked-classes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-linked-'));
  await mkdir(join(folder, 'java'));
  await writeFile(join(folder, 'java/release'), 'JAVA_VERSION="25"');
  await writeFile(join(folder, 'java.options'), '-Xmx128m');
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that writes what Java would, and how often it was run. */
function program(write = true): TrainedProgram & { readonly runs: () => number } {
  let runs = 0;
  return {
    ...{ jars: join(folder, 'cache/jars'), java: join(folder, 'java') },
    options: join(folder, 'java.options'),
    runs: () => runs,
    async train(option) {
      runs += 1;
      const file = option.replace('-XX:AOTCacheOutput=', '');
      if (write) await writeFile(file, 'classes');
    },
  };
}

test('the program is run once, and what Java has kept of it is named ever after', async () => {
  const own = program();
  const [option = '', ...others] = await linkedClasses(own);
  expect(others).toEqual([]);
  expect(await readFile(option.replace('-XX:AOTCache=', ''), 'utf8')).toBe('classes');
  expect(await linkedClasses(own)).toEqual([option]);
  expect(own.runs()).toBe(1);
});

test('another Java, and other options, have a file of their own', async () => {
  const own = program();
  const first = await linkedClasses(own);
  await writeFile(join(folder, 'java/release'), 'JAVA_VERSION="26"');
  const second = await linkedClasses(own);
  await writeFile(join(folder, 'java.options'), '-Xmx256m');
  const third = await linkedClasses(own);
  expect(new Set([...first, ...second, ...third]).size).toBe(3);
});

test('where it does not run, or leaves nothing, it starts without', async () => {
  const broken = { ...program(), train: () => Promise.reject(new Error('no port is free')) };
  expect(await linkedClasses(broken)).toEqual([]);
  expect(await linkedClasses(program(false))).toEqual([]);
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});
