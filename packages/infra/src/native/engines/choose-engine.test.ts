import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseEngine, type EngineSources } from './choose-engine.ts';

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-programs-'));
  said = [];
});
afterEach(() => rm(folder, { recursive: true }));

const progress = { message: (text: string) => void said.push(text) };
const zookeeper = ['java', 'ZooKeeper'];
const ensemble = [{ host: 'zookeeper', port: 2181 }];

/** A machine on which everything can be had, but for what is given otherwise. */
const machine = (otherwise: Partial<EngineSources> = {}): EngineSources => ({
  environment: { PATH: `${folder}:/usr/bin:/bin` },
  provideEmbedded: () => Promise.resolve(),
  examineEmbedded: () => Promise.resolve({ version: '26.7.2.1' }),
  provideZookeeper: () => Promise.resolve(zookeeper),
  ...otherwise,
});

const unknownBuild = machine({
  examineEmbedded: () => Promise.resolve({ reason: 'the build 123 is not in the table' }),
});
const noRegistry = machine({
  provideZookeeper: () => Promise.reject(new Error('No registry answers.')),
});

/** A program on PATH that says what ClickHouse's says when it is asked for its version. */
async function server(version: string): Promise<string> {
  const file = join(folder, 'clickhouse');
  await writeFile(
    file,
    `#!/bin/sh\necho "ClickHouse server version ${version} (official build)."\n`,
  );
  await chmod(file, 0o755);
  return file;
}

test('the embedded engine replicates with three ZooKeepers unless asked otherwise', async () => {
  expect(await chooseEngine({ airflow: true }, machine(), progress)).toEqual({
    name: 'chdb',
    coordination: { kind: 'zookeeper', command: zookeeper, members: 3 },
  });
  expect(said.join()).toContain('26.7.2.1 (embedded, replication wired by Provehouse)');
  expect(said.join()).toContain('three ZooKeepers');
});

test('one coordinator is started where one is asked for', async () => {
  const engine = await chooseEngine({ coordinators: 1, airflow: true }, machine(), progress);
  expect(engine.coordination).toMatchObject({ kind: 'zookeeper', members: 1 });
});

test.each([
  ['an unknown build', unknownBuild, 'the build 123 is not in the table'],
  ['a machine without a registry', noRegistry, 'No registry answers'],
])('%s falls back to distributed writes and says why', async (_, sources, reason) => {
  expect(await chooseEngine({ airflow: true }, sources, progress)).toEqual({
    name: 'chdb',
    withoutCoordination: reason,
  });
  expect(said).toEqual([`Replicas get their rows by distributed writes: ${reason}.`]);
});

test.each([
  ['an unknown build', unknownBuild, 'the build 123 is not in the table'],
  ['a machine without a registry', noRegistry, 'No registry answers'],
])('%s is an error where replication was asked for', async (_, sources, reason) => {
  const asked = chooseEngine({ replication: 'keeper', airflow: true }, sources, progress);
  await expect(asked).rejects.toThrow(`cannot replicate: ${reason}`);
});

test('distributed writes that are asked for need nothing else', async () => {
  const wish = { replication: 'distributed-writes', airflow: true } as const;
  expect(await chooseEngine(wish, machine(), progress)).toEqual({ name: 'chdb' });
  expect(said).toEqual([]);
});

test('an ensemble that is there already coordinates the embedded engine', async () => {
  const wish = { coordination: ensemble, airflow: false };
  expect(await chooseEngine(wish, noRegistry, progress)).toEqual({
    name: 'chdb',
    coordination: { kind: 'existing', servers: ensemble },
  });
});

test('an ensemble is of no use to distributed writes', async () => {
  const wish = { coordination: ensemble, replication: 'distributed-writes' } as const;
  const asked = chooseEngine({ ...wish, airflow: false }, machine(), progress);
  await expect(asked).rejects.toThrow('--coordination is for tables that replicate');
});

test('auto takes a modern server with its Keepers', async () => {
  const file = await server('26.7.3.1');
  expect(await chooseEngine({ engine: 'auto', airflow: true }, machine(), progress)).toEqual({
    name: 'server',
    command: [file, 'server'],
    version: '26.7.3.1',
    coordination: { kind: 'keeper', command: [file, 'keeper'], members: 3 },
  });
});

test('auto leaves an old server alone, and says so', async () => {
  await server('19.1.5');
  const engine = await chooseEngine({ engine: 'auto', airflow: false }, machine(), progress);
  expect(engine.name).toBe('chdb');
  expect(said.join()).toContain('19.1.5');
});

test('a server that Airflow cannot talk to is refused with Airflow and taken without', async () => {
  await server('19.1.5');
  const wish = { engine: 'server', coordination: ensemble } as const;
  await expect(chooseEngine({ ...wish, airflow: true }, machine(), progress)).rejects.toThrow(
    '--without airflow',
  );
  expect(await chooseEngine({ ...wish, airflow: false }, machine(), progress)).toMatchObject({
    name: 'server',
    coordination: { kind: 'existing', servers: ensemble },
  });
});

test('servers are not asked for distributed writes', async () => {
  await server('26.7.3.1');
  const wish = { engine: 'server', replication: 'distributed-writes', airflow: false } as const;
  await expect(chooseEngine(wish, machine(), progress)).rejects.toThrow('--engine chdb');
});
