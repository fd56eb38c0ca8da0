import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepIdentity, serverIdentity } from './server-identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-identity-'));
});
afterEach(() => rm(folder, { recursive: true }));

const identity = (): Promise<string> => readFile(join(folder, 'uuid'), 'utf8');

test('is a UUID, the same for the same folder and another for each other', () => {
  const one = serverIdentity('/data/clickhouse-01');
  // Python: uuid.uuid5(uuid.NAMESPACE_URL, '/data/clickhouse-01')
  expect(one).toBe('de7dc8b3-6e70-51a6-b25a-90298774c159');
  expect(serverIdentity('/data/clickhouse-01/')).toBe(one);
  expect(serverIdentity('/data/clickhouse-02')).not.toBe(one);
});

test('a server that lost its disk is the one that it was', async () => {
  await keepIdentity(folder);
  const before = await identity();
  await rm(join(folder, 'uuid'));
  await keepIdentity(folder);
  expect(await identity()).toBe(before);
});

test('an identity that a server gave itself stays', async () => {
  await writeFile(join(folder, 'uuid'), '1f68cd82-6a3f-4b55-b8f7-cef8f694bf19');
  await keepIdentity(folder);
  expect(await identity()).toBe('1f68cd82-6a3f-4b55-b8f7-cef8f694bf19');
});

test('a folder that is not there is an error', async () => {
  await expect(keepIdentity(join(folder, 'absent'))).rejects.toThrow(/ENOENT.*absent/);
});
