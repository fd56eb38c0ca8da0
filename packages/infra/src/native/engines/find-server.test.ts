import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../../clickhouse/engine.ts';
import { findServer } from './find-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-programs-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that says what ClickHouse's says when it is asked for its version. */
async function program(name: string, version: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(
    file,
    `#!/bin/sh\necho "ClickHouse server version ${version} (official build)."\n`,
  );
  await chmod(file, 0o755);
  return file;
}

const path = () => ({ PATH: `${folder}:/usr/bin:/bin` });

test('a modern program is server and Keeper in one', async () => {
  const file = await program('clickhouse', '26.7.3.1');
  expect(await findServer(path())).toEqual({
    command: [file, 'server'],
    keeper: [file, 'keeper'],
    version: '26.7.3.1',
    source: file,
  });
});

test('a program that serves only has no Keeper', async () => {
  const file = await program('clickhouse-server', '24.3.1');
  const found = await findServer(path());
  expect(found).toMatchObject({ command: [file], version: '24.3.1' });
  expect(found).not.toHaveProperty('keeper');
});

test('the program that is named goes before those on PATH', async () => {
  await program('clickhouse', '26.7.3.1');
  const other = await program('clickhouse-server', '25.3.2');
  const found = await findServer({ ...path(), PROVEHOUSE_CLICKHOUSE: other });
  expect(found).toMatchObject({ command: [other], source: 'PROVEHOUSE_CLICKHOUSE' });
});

test('a named program that is not there is an error, not a search', async () => {
  await program('clickhouse', '26.7.3.1');
  const named = { ...path(), PROVEHOUSE_CLICKHOUSE: join(folder, 'nothing') };
  await expect(findServer(named)).rejects.toThrow(EngineError);
  await expect(findServer(named)).rejects.toThrow('found no executable file');
});

test('a program that says no version is refused', async () => {
  const file = await program('clickhouse', '');
  await expect(findServer(path())).rejects.toThrow(`${file} says no version`);
});
