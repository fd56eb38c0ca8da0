import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseDeployment, type Deployment } from '@provehouse/infra';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, type CommandOutcome } from '../../test/command.ts';
import {
  AS_OF,
  CONTRACT_FILE,
  LOCAL,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import { clusterChecks } from '../checks/index.ts';
import { verifiedRunSchema } from '../run-schema.ts';

const ROWS = 1000;
const FACTS = ['--rows', String(ROWS), '--parameter', `as_of=${AS_OF}`];

let own: TestCluster;
let folder: string;

beforeAll(async () => {
  own = await startTestCluster();
  await own.load(ROWS);
  folder = await mkdtemp(join(tmpdir(), 'provehouse-command-'));
});
afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs `verify:cluster` as people do, on the cluster of the test unless another is named. */
function verifyCluster(words: readonly string[], deployment?: string): Promise<CommandOutcome> {
  const file = deployment ?? join(own.runtime.directory, 'deployment.json');
  return runCommand(['cluster', '--deployment', file, ...words]);
}

/** A deployment file written by hand for the cluster of the test, with secrets of its own. */
async function writeExternal(
  secrets: string,
  change: (text: Deployment['clickhouse']) => Deployment['clickhouse'] = (same) => same,
): Promise<string> {
  const example = join(import.meta.dirname, '../../examples/external-deployment.json');
  const external = parseDeployment(await readFile(example, 'utf8'), example);
  const clickhouse = change(own.deployment.clickhouse);
  const { reader: _, ...users } = clickhouse.users;
  const file = join(folder, 'deployment.json');
  const { engine } = own.deployment;
  const deployment = { ...external, engine, clickhouse: { ...clickhouse, users } };
  await writeFile(file, JSON.stringify(deployment));
  await writeFile(join(folder, external.secretsFile), secrets, { mode: 0o600 });
  return file;
}

const administrator = (password = own.secrets.super_user_password): string =>
  `super_user_name=${own.secrets.super_user_name}\nsuper_user_password='${password}'\n`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

test('on an undamaged cluster every check has its line, nothing fails, and the exit code is 0', async () => {
  const { code, stdout, stderr } = await verifyCluster(FACTS);
  expect(stderr).toBe('');
  for (const { title } of clusterChecks) expect(stdout).toContain(title);
  expect(stdout).toMatch(/\n\d+ passed, (\d+ skipped, )?0 failed\n$/);
  expect(stdout).not.toContain('\u001b');
  expect(code).toBe(0);
});

test('a row that one replica lost ends with exit code 1, what was expected, and the SQL', async () => {
  const contract = join(folder, 'impatient.yaml');
  const text = await readFile(CONTRACT_FILE, 'utf8');
  await writeFile(contract, text.replace(/settleSeconds: \d+/, 'settleSeconds: 0'));
  const node = own.cluster.node('clickhouse-03');
  const lost = `DELETE WHERE id = (SELECT min(id) FROM ${LOCAL})`;
  try {
    await node.command(`ALTER TABLE ${LOCAL} ${lost} SETTINGS mutations_sync = 2`);
    const words = ['--only', 'shard-rows,macros', '--contract', contract, ...FACTS];
    const { code, stdout } = await verifyCluster(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ Macros/m);
    expect(stdout).toMatch(/^✗ Rows of the shards/m);
    expect(stdout).toMatch(/failed: [\s\S]*clickhouse-03[\s\S]*SQL +SELECT count\(\)/);
    expect(stdout).toMatch(/\n1 passed, 1 failed\n$/);
  } finally {
    await own.load(ROWS);
  }
});

test('--json prints the verdicts and nothing else, and --output writes them to files as well', async () => {
  const file = join(folder, 'verdicts.html');
  const { code, stdout } = await verifyCluster([
    ...['--json', '--only', 'macros', '--output', `html=${file}`],
  ]);
  expect(code).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('Everything that was judged is as it must be.');
  expect(verifiedRunSchema.parse(JSON.parse(stdout))).toMatchObject({
    status: 'passed',
    verdicts: [{ check: 'macros', status: 'passed', findings: expect.any(Array) }],
  });
});

test('a cluster of somebody else is verified from a file written by hand, without a reader', async () => {
  const file = await writeExternal(administrator());
  const { code, stdout } = await verifyCluster(FACTS, file);
  expect(stdout).toMatch(/0 failed\n$/);
  expect(code).toBe(0);
});

test('a wrong password ends with exit code 2 and where to set it, and is not printed', async () => {
  const wrong = 'Wr0ng-but-long-enough!';
  const outcome = await verifyCluster(FACTS, await writeExternal(administrator(wrong)));
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain('refuse user su');
  expect(outcome.stderr).toContain(join(folder, 'external-secrets.env'));
  for (const secret of [wrong, own.secrets.super_user_password]) {
    expect(outcome.stderr).not.toContain(secret);
  }
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
});

test.each(['host', 'port'])(
  'a wrong %s of all nodes ends with exit code 2 and each address',
  async (what) => {
    const ports = await Promise.all(own.deployment.clickhouse.nodes.map(freePort));
    const file = await writeExternal(administrator(), (clickhouse) => ({
      ...clickhouse,
      nodes: clickhouse.nodes.map((node, index) => ({
        ...node,
        ...(what === 'host' ? { host: 'nowhere.invalid' } : { httpPort: ports[index]! }),
      })),
    }));
    const outcome = await verifyCluster(FACTS, file);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain('whether host and httpPort');
    expect(outcome.stderr).toMatch(
      what === 'host'
        ? /clickhouse-04 \(nowhere\.invalid:.*(?:ENOTFOUND|EAI_AGAIN)/
        : `:${ports[3]!}): connect`,
    );
  },
);

test('one node that does not answer is reported, and the others are verified all the same', async () => {
  const port = await freePort();
  const file = await writeExternal(administrator(), (clickhouse) => ({
    ...clickhouse,
    nodes: clickhouse.nodes.map((node) =>
      node.name === 'clickhouse-02' ? { ...node, httpPort: port } : node,
    ),
  }));
  const { code, stdout, stderr } = await verifyCluster(['--only', 'clickhouse-versions'], file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^clickhouse-02 \(.*\) does not answer: connect ECONNREFUSED /);
  expect(stdout).toMatch(/^✗ Every node answers/);
  expect(stdout).toMatch(/^✓ All nodes run .*, without clickhouse-02$/m);
  expect(stdout).toMatch(/\n1 passed, 1 failed\n$/);
});

test('a host that has several addresses, of which none answers, is reported with each of them', async () => {
  const ports = await Promise.all(own.deployment.clickhouse.nodes.map(freePort));
  const file = await writeExternal(administrator(), (clickhouse) => ({
    ...clickhouse,
    nodes: clickhouse.nodes.map((node, index) => ({
      ...node,
      ...{ host: index === 0 ? '::1' : 'localhost', httpPort: ports[index]! },
    })),
  }));
  const { code, stderr } = await verifyCluster([], file);
  expect(code).toBe(2);
  expect(stderr).toContain(
    `clickhouse-01 (::1:${ports[0]!}): connect ECONNREFUSED ::1:${ports[0]!}`,
  );
  expect(stderr).toMatch(/clickhouse-02 \(localhost:\d+\): .*ECONNREFUSED .*127\.0\.0\.1/);
});

test('a host spelt otherwise than in remote_servers is no fault', async () => {
  const file = await writeExternal(administrator(), (clickhouse) => ({
    ...clickhouse,
    nodes: clickhouse.nodes.map((node) => ({ ...node, host: 'localhost' })),
  }));
  const { code, stdout } = await verifyCluster([...FACTS, '--only', 'cluster-topology'], file);
  expect(stdout).toMatch(/^✓ Every node knows the cluster as it is/);
  expect(code).toBe(0);
});

test('a cluster that no node knows is reported with those that there are', async () => {
  const file = await writeExternal(administrator(), (clickhouse) => ({
    ...clickhouse,
    cluster: 'dwh_tset',
  }));
  const { code, stdout } = await verifyCluster(['--only', 'cluster-topology'], file);
  expect(stdout).toContain('there is no cluster dwh_tset; there is dwh_test');
  expect(code).toBe(1);
});

test('a relative path counts from where the command is given', async () => {
  const file = await writeExternal(administrator());
  const words = ['cluster', '--only', 'macros', '--deployment', basename(file)];
  const { stdout } = await runCommand(words, dirname(file));
  expect(stdout).toMatch(/\n1 passed, 0 failed\n$/);
});

test.each([
  ['an unknown check', ['--only', 'macro'], 'There is no check macro. Checks: '],
  ['a wrong count', ['--rows', 'many'], 'Expected a whole number.'],
  ['a parameter without a value', ['--parameter', 'as_of'], 'such as as_of=2026-06-15'],
  ['an unknown option', ['--row', '5'], "unknown option '--row'"],
  [
    'a contract that is not there',
    ['--contract', '/nowhere.yaml'],
    'There is no contract /nowhere.yaml',
  ],
])('%s is refused with exit code 2', async (_, words, message) => {
  const outcome = await verifyCluster(words);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain(message);
});

test('a deployment that is not there is refused with exit code 2', async () => {
  const outcome = await verifyCluster([], join(folder, 'none.json'));
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain('No deployment at ');
});
