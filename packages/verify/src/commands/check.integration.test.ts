import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { addAuditor, AUDITOR } from '../../test/auditor.ts';
import { outcomeOf, runCommand, startCommand, type CommandOutcome } from '../../test/command.ts';
import { checksOf, printedVerdicts } from '../../test/printed-run.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { startTlsProxies } from '../../test/tls-proxy.ts';

// Of the cluster it is said nothing but where one of its nodes is.
const ROWS = 20_000;

let own: ReplicatedCluster;
let folder: string;
let passwordFile: string;
beforeAll(async () => {
  own = await startReplicatedCluster({ coordinators: 3 });
  await addAuditor(own, ['shop']);
  folder = await mkdtemp(join(tmpdir(), 'provehouse-check-'));
  passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${own.secrets.super_user_password}\n`, { mode: 0o600 });
  const [first] = own.cluster.nodes;
  const { cluster } = own.deployment.clickhouse;
  const everywhere = `ON CLUSTER ${cluster}`;
  for (const statement of [
    `CREATE DATABASE shop ${everywhere}`,
    `CREATE TABLE shop.orders_local ${everywhere} (id Int64, status LowCardinality(String), at DateTime, note String ALIAS upper(status))
     ENGINE = ReplicatedReplacingMergeTree(at) PARTITION BY toYYYYMM(at) ORDER BY id`,
    `CREATE TABLE shop.orders ${everywhere} AS shop.orders_local
     ENGINE = Distributed('{cluster}', shop, orders_local, toInt64(id) * 3)`,
    `CREATE TABLE shop.journal ${everywhere} (at DateTime, text String) ENGINE = Log`,
    `CREATE VIEW shop.recent ${everywhere} AS SELECT * FROM shop.orders WHERE at > now() - 60`,
    `INSERT INTO shop.orders (id, status, at)
     SELECT number - ${ROWS / 2}, ['new', 'paid', 'sent'][number % 3 + 1], toDateTime('2026-01-01') + number * 300
     FROM numbers(${ROWS}) SETTINGS distributed_foreground_insert = 1`,
  ]) {
    await first?.command(statement);
  }
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const url = (index = 0): string =>
  `http://127.0.0.1:${own.deployment.clickhouse.nodes[index]?.httpPort}`;
const login = (): string[] => [
  '--user',
  own.secrets.super_user_name,
  '--password-file',
  passwordFile,
];
const check = (...words: string[]): Promise<CommandOutcome> =>
  runCommand(['check', ...words, ...login()]);

test('a sound cluster is found from one node, and everything that needs no contract is proven', async () => {
  const outputs = join(folder, 'out');
  const { code, stdout, stderr } = await check(
    ...[url(2), '--json', '--output', `junit=${outputs}/verdicts.xml`],
    ...['--output', `prometheus=${outputs}/verdicts.prom`],
  );
  expect(checksOf(stdout, 'failed', 'inconclusive', 'warned')).toEqual([]);
  expect(code).toBe(0);
  const proven = ['cluster-topology', 'macros', 'placement', 'spread', 'replica-content'];
  const further = ['partitions', 'replica-parts', 'native-access', 'ddl-queue', 'schema-objects'];
  expect(checksOf(stdout, 'passed')).toEqual(expect.arrayContaining([...proven, ...further]));
  expect(stderr).toContain('dwh_test: 2 shards, 4 nodes, all reached; ClickHouse 26.');
  expect(stderr).toContain('rows not compared: shop.journal: its engine is Log');
  expect(await readFile(join(outputs, 'verdicts.xml'), 'utf8')).toContain('<testsuite');
  expect(await readFile(join(outputs, 'verdicts.prom'), 'utf8')).toContain(
    'check="placement",status="passed"} 1',
  );
});

test('what is written from a cluster is what it has: the next verification passes, and finds what changes', async () => {
  const directory = join(folder, 'written');
  const written = await runCommand(['init', url(), ...login(), '--directory', directory]);
  expect(written.stderr).toContain('2 tables with rows');
  expect(written.code).toBe(0);
  const files = ['deployment.json', 'contract.yaml', 'secrets.env'].map((name) =>
    join(directory, name),
  );
  const [deployment = '', contract = '', secrets = ''] = files;
  expect((await stat(secrets)).mode & 0o777).toBe(0o600);
  const text = await readFile(contract, 'utf8');
  expect(text).toContain('engine: ReplicatedReplacingMergeTree(at)');
  expect(text).toMatch(/rule: unique\n +columns:\n +- id\n/);
  expect(text).toMatch(/rule: set\n +column: status\n +values:\n +- new\n +- paid\n +- sent\n/);
  for (const file of [deployment, contract]) {
    expect(await readFile(file, 'utf8')).not.toContain(own.secrets.super_user_password);
  }
  const again = await runCommand(['init', url(), ...login(), '--directory', directory]);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('--force');
  const verify = () =>
    runCommand(['cluster', '--json', '--deployment', deployment, '--contract', contract]);
  const sound = await verify();
  expect(checksOf(sound.stdout, 'failed', 'inconclusive', 'warned'), sound.stderr).toEqual([]);
  expect(sound.code).toBe(0);
  const [first] = own.cluster.nodes;
  await first?.command(
    `INSERT INTO shop.orders (id, status, at) VALUES (${ROWS * 2}, 'lost', '2026-01-01 00:00:00')`,
  );
  try {
    const changed = await verify();
    expect(changed.code).toBe(1);
    expect(checksOf(changed.stdout, 'failed')).toContain('value-rules');
  } finally {
    const { cluster } = own.deployment.clickhouse;
    await first?.command(
      `ALTER TABLE shop.orders_local ON CLUSTER ${cluster} DELETE WHERE status = 'lost' SETTINGS mutations_sync = 2`,
    );
  }
});

test('a row that one replica has otherwise, a table without replication and a definition that differs are named', async () => {
  const [first, second] = own.cluster.nodes;
  if (first === undefined || second === undefined) throw new RangeError('there are four nodes');
  const { cluster } = own.deployment.clickhouse;
  await first.command(
    `CREATE TABLE shop.notes ON CLUSTER ${cluster} (id UInt64) ENGINE = MergeTree ORDER BY id`,
  );
  await first.command('INSERT INTO shop.notes VALUES (1)');
  await first.command(
    `CREATE TABLE shop.rates ON CLUSTER ${cluster} (id UInt64) ENGINE = ReplicatedMergeTree ORDER BY id`,
  );
  await second.command("ALTER TABLE shop.rates MODIFY COMMENT 'another'");
  try {
    const { code, stdout } = await check(
      ...[url(), '--json', '--database', 'shop'],
      ...['--only', 'unreplicated-tables,replica-content,schema-objects'],
    );
    expect(code).toBe(1);
    const verdicts = printedVerdicts(stdout);
    const subjects = (name: string): string =>
      JSON.stringify(
        verdicts
          .find((one) => one.check === name)
          ?.findings.filter(({ status }) => status === 'failed'),
      );
    expect(subjects('unreplicated-tables')).toContain('shop.notes');
    expect(subjects('replica-content')).toContain('notes');
    expect(subjects('schema-objects')).toContain('shop.rates');
    const without = await check(
      ...[url(), '--json', '--skip', 'unreplicated-tables,schema-objects', '--exclude', 'notes'],
      ...['--exclude', 'rates'],
    );
    expect(checksOf(without.stdout, 'failed')).toEqual([]);
    expect(checksOf(without.stdout, 'skipped')).toContain('schema-objects');
    expect(without.code).toBe(0);
  } finally {
    for (const name of ['notes', 'rates']) {
      await first.command(`DROP TABLE shop.${name} ON CLUSTER ${cluster} SYNC`);
    }
  }
});

test('nodes that speak TLS are verified with their certificate, and refused without', async () => {
  const { nodes } = own.deployment.clickhouse;
  await using proxies = await startTlsProxies(nodes.map(({ httpPort }) => httpPort));
  const urls = [...proxies.ports.values()].map((port) => `https://127.0.0.1:${port}`);
  const some = ['--only', 'cluster-topology,replica-content,native-access'];
  const trusted = await check(...urls, '--json', '--ca', proxies.caFile, ...some);
  expect(checksOf(trusted.stdout, 'failed', 'inconclusive'), trusted.stderr).toEqual([]);
  expect(checksOf(trusted.stdout, 'passed')).toContain('replica-content');
  // Where their native ports are is not known.
  expect(checksOf(trusted.stdout, 'skipped')).toContain('native-access');
  expect(trusted.code).toBe(0);
  const unknown = await check(...urls);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/certificate is not trusted.*--ca/);
  const insecure = await check(...urls, '--insecure', '--only', 'cluster-topology');
  expect(insecure.code, insecure.stderr).toBe(0);
  const plain = await check(url().replace('http:', 'https:'));
  expect(plain.stderr).toContain('The port speaks no TLS');
});

test('a certificate of the client is shown where nodes ask for one', async () => {
  const { nodes } = own.deployment.clickhouse;
  const ports = nodes.map(({ httpPort }) => httpPort);
  await using proxies = await startTlsProxies(ports, { mutual: true });
  const urls = [...proxies.ports.values()].map((port) => `https://127.0.0.1:${port}`);
  const words = [...urls, '--ca', proxies.caFile, '--only', 'cluster-topology,macros'];
  const { certificateFile, keyFile } = proxies.client;
  const shown = await check(...words, '--certificate', certificateFile, '--key', keyFile);
  expect(shown.code, shown.stderr).toBe(0);
  expect((await check(...words)).code).toBe(2);
  const half = await check(...words, '--certificate', certificateFile);
  expect(half.stderr).toContain('--certificate and --key together');
});

test('a node that is not reached is said, and the others are verified without it', async () => {
  await own.runtime.stop('clickhouse-04');
  try {
    const some = ['--only', 'nodes-answer,cluster-topology,replica-content'];
    const { code, stdout, stderr } = await check(url(), '--json', ...some);
    expect(stderr).toMatch(/4 nodes, 3 reached[^]*not reached: 127\.0\.0\.1:\d+.*--map/);
    expect(checksOf(stdout, 'failed')).toContain('nodes-answer');
    expect(code).toBe(1);
  } finally {
    await own.runtime.start('clickhouse-04');
  }
});

test.each([
  [
    'a password that is wrong',
    () => [url(), '--user', 'su', '--password-file', '/dev/null'],
    /is refused: correct --user/,
  ],
  ['an account that may see nothing', readerWords, /GRANT SELECT ON system\.\*/],
  [
    'a cluster that there is not',
    () => [url(), ...login(), '--cluster', 'x'],
    /Expected a cluster x.*dwh_test: 2 shards/s,
  ],
  ['a port where nobody is', () => ['http://127.0.0.1:1', ...login()], /ECONNREFUSED/],
  ['a check that there is not', () => [url(), ...login(), '--only', 'x'], /There is no check x/],
  ['no terminal to ask for a password', () => [url(), '--user', 'su'], /PROVEHOUSE_PASSWORD/],
  ['a certificate file that is not there', () => [url(), ...login(), '--ca', '/nowhere'], /ENOENT/],
])('%s is an error that says what to do', async (_, words, said) => {
  const { code, stdout, stderr } = await runCommand(['check', ...(await words())]);
  expect(stderr).toMatch(said);
  expect(stderr).not.toContain(own.secrets.super_user_password);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

async function readerWords(): Promise<string[]> {
  const file = join(folder, 'reader');
  await writeFile(file, own.secrets.bi_user_password, { mode: 0o600 });
  return [url(), '--user', own.secrets.bi_user_name, '--password-file', file];
}

test('a cluster that is watched is spoken of when that changes, and its verdicts are served', async () => {
  const messages: string[] = [];
  const webhook = createServer(async (request, response) => {
    messages.push(z.object({ text: z.string() }).parse(await json(request)).text);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  const address = join(folder, 'webhook');
  await writeFile(address, `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`);
  const history = join(folder, 'history.jsonl');
  const words = ['--every', '1s', '--listen', '0', '--only', 'unreplicated-tables,macros'];
  const files = ['--webhook-file', address, '--history', history];
  const watching = startCommand(['watch', url(), ...login(), ...words, ...files]);
  const ended = outcomeOf(watching);
  const { cluster } = own.deployment.clickhouse;
  const [first] = own.cluster.nodes;
  try {
    const [said] = (await once(watching.stderr, 'data')) as [string];
    const [metrics = ''] = /http:\S+\/metrics/.exec(said) ?? [];
    const status = async (): Promise<string> => (await fetch(metrics)).text();
    const name = 'provehouse_check_status{deployment="dwh_test",check="unreplicated-tables"';
    await expect.poll(status).toContain(`${name},status="passed"} 1`);
    await first?.command(
      `CREATE TABLE shop.plain ON CLUSTER ${cluster} (id UInt64) ENGINE = MergeTree ORDER BY id`,
    );
    await expect.poll(status).toContain(`${name},status="failed"} 1`);
    await expect
      .poll(() => messages)
      .toEqual([
        expect.stringMatching(
          /^dwh_test is failed\.\n• passed → failed: .*\(unreplicated-tables\)/,
        ),
      ]);
  } finally {
    await first?.command(`DROP TABLE IF EXISTS shop.plain ON CLUSTER ${cluster} SYNC`);
  }
  await expect.poll(() => messages.at(-1)).toMatch(/failed → passed/);
  watching.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  webhook.close();
  expect(code, stderr).toBe(130);
  expect(stdout).toMatch(/dwh_test passed: .*\n/);
  expect(await readFile(history, 'utf8')).toContain('"unreplicated-tables":"failed"');
});

test('an account with the privileges that grants prints, and no others, is enough', async () => {
  const file = join(folder, 'auditor');
  await writeFile(file, AUDITOR.password, { mode: 0o600 });
  const words = ['--user', AUDITOR.name, '--password-file', file, '--json'];
  const { code, stdout, stderr } = await runCommand(['check', url(), ...words]);
  expect(checksOf(stdout, 'failed', 'inconclusive', 'warned'), stderr).toEqual([]);
  const proven = ['cluster-topology', 'placement', 'replica-content', 'replica-state'];
  expect(checksOf(stdout, 'passed')).toEqual(expect.arrayContaining(proven));
  expect(code).toBe(0);
});
