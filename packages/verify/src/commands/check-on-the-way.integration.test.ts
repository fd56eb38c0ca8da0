import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { slicesOf } from '../clickhouse/slices.ts';
import { localTables } from '../contract/contract.ts';
import { outcomeOf, runCommand, startCommand, type CommandOutcome } from '../../test/command.ts';
import { forwardRoute, startGateway, tokenRoute, type Gateway } from '../../test/gateway.ts';
import { startConnectionBalancer } from '../../test/load-balancer.ts';
import { checksOf, printedVerdicts } from '../../test/printed-run.ts';
import { LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { startTlsProxies } from '../../test/tls-proxy.ts';

// What is between this machine and a cluster: gateways, proxies and load balancers.
const TOKEN = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzdSJ9.';

let own: TestCluster;
let folder: string;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load();
  folder = await mkdtemp(join(tmpdir(), 'provehouse-check-'));
  await writeFile(join(folder, 'password'), own.secrets.super_user_password, { mode: 0o600 });
  await writeFile(join(folder, 'token'), TOKEN, { mode: 0o600 });
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const login = (): string[] => [
  ...['--user', own.secrets.super_user_name, '--password-file', join(folder, 'password')],
];
const httpPorts = (): number[] => own.deployment.clickhouse.nodes.map(({ httpPort }) => httpPort);

const check = (words: readonly string[], environment?: Record<string, string>) =>
  runCommand(['check', ...words, '--json'], undefined, environment);

test('through a proxy that wants a login, nodes are reached with and without TLS', async () => {
  await using secure = await startTlsProxies(httpPorts());
  const named = httpPorts().map((port, index) => [`node-${index + 1}.example`, port] as const);
  const tls = named.map(([name, port]) => [`tls-${name}`, secure.ports.get(port) ?? 0] as const);
  await using proxy = await startGateway(forwardRoute(new Map([...named, ...tls]), 'me:hidden'));
  const through = async (scheme: string, urls: string[], loginThere: string) => {
    const variable = { [`${scheme}_PROXY`]: `http://${loginThere}@127.0.0.1:${proxy.port}` };
    return check([...urls, ...login(), '--insecure', '--only', 'macros,replica-content'], variable);
  };
  const plain = named.map(([name]) => `http://${name}`);
  const encrypted = tls.map(([name]) => `https://${name}`);
  for (const [scheme, urls] of [['HTTP', plain] as const, ['HTTPS', encrypted] as const]) {
    const before = proxy.passed();
    const { stdout, stderr } = await through(scheme, urls, 'me:hidden');
    expect(checksOf(stdout, 'passed'), stderr).toEqual(['macros', 'replica-content']);
    expect(proxy.passed()).toBeGreaterThan(before + 3);
    const refused = await through(scheme, urls, 'me:wrong');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /HTTPS_PROXY or HTTP_PROXY.*through the proxy 127\.0\.0\.1:\d+/s,
    );
    expect(refused.stderr).not.toMatch(/wrong|hidden/);
  }
});

test('behind gateways with paths, a token says who asks', async () => {
  const account = {
    user: own.secrets.super_user_name,
    password: own.secrets.super_user_password,
  };
  await using stack = new AsyncDisposableStack();
  const urls: string[] = [];
  for (const port of httpPorts()) {
    const gateway = await startGateway(tokenRoute(port, '/clickhouse', TOKEN, account));
    urls.push(`http://127.0.0.1:${stack.use(gateway).port}/clickhouse/`);
  }
  const words = ['--only', 'nodes-answer,macros,replica-content,access'];
  const { code, stdout, stderr } = await check([
    ...[...urls, ...words, '--token-file', join(folder, 'token')],
  ]);
  expect(checksOf(stdout, 'passed'), stderr).toEqual(['nodes-answer', 'macros', 'replica-content']);
  expect(checksOf(stdout, 'skipped')).toEqual(['access']);
  expect(code).toBe(0);
  const directory = join(folder, 'token-cluster');
  const asToken = { PROVEHOUSE_TOKEN: TOKEN };
  const init = await runCommand(['init', ...urls, '--directory', directory], undefined, asToken);
  expect(init.code, init.stderr).toBe(0);
  const verified = await cluster(directory, 'replica-content,table-definition');
  expect(checksOf(verified.stdout, 'passed'), verified.stderr).toHaveLength(2);
  const refused = await check(urls, { PROVEHOUSE_TOKEN: 'another' });
  expect(refused.stderr).toContain('Expected a ClickHouse node');
  expect(refused.code).toBe(2);
});

/** Words by which no member is reached at the address that the cluster has for it. */
const unreachable = (): string[] =>
  httpPorts().flatMap((port) => ['--map', `127.0.0.1:${port}=127.0.0.1:1`]);

test.each([
  ['connections', () => startConnectionBalancer(httpPorts()), /each connection to a node/],
  ['requests', () => startRequestBalancer(), /each request to another node.* about 4 times/],
])('nodes behind a balancer of %s are told apart by their answers', async (_, start, said) => {
  await using balancer = await start();
  const words = [`http://127.0.0.1:${balancer.port}`, ...login(), ...unreachable()];
  await own.cluster
    .node('clickhouse-03')
    .command(`ALTER TABLE ${LOCAL} UPDATE price = 1 WHERE id = 7 SETTINGS mutations_sync = 1`);
  try {
    const { code, stdout, stderr } = await check(words);
    expect(checksOf(stdout, 'failed', 'inconclusive', 'warned'), stderr).toEqual([
      'replica-content',
    ]);
    const content = printedVerdicts(stdout).find((one) => one.check === 'replica-content');
    const failed = content?.findings.filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(1);
    expect(JSON.stringify(failed)).toMatch(/Rows that only one of clickhouse-0[13]/);
    const proven = ['nodes-answer', 'cluster-topology', 'node-to-node', 'macros', 'time-zones'];
    const ofRows = ['table-definition', 'placement', 'spread', 'distributed-count', 'access'];
    expect(checksOf(stdout, 'passed')).toEqual(expect.arrayContaining([...proven, ...ofRows]));
    expect(checksOf(stdout, 'skipped')).toContain('native-access');
    expect(stderr).toMatch(said);
    expect(stderr).toContain('is not proven');
    expect(code).toBe(1);
  } finally {
    await own.load();
  }
});

/** Starts a balancer that passes each request on to the next node, in turn. */
function startRequestBalancer(): Promise<Gateway> {
  const ports = httpPorts();
  let next = 0;
  return startGateway(({ url: path = '/' }) => ({ port: ports[next++ % ports.length] ?? 0, path }));
}

test('what is written of nodes behind a balancer finds each of them again', async () => {
  await using balancer = await startConnectionBalancer(httpPorts());
  const directory = join(folder, 'balanced');
  const url = `http://127.0.0.1:${balancer.port}`;
  const init = await runCommand([
    ...['init', url, ...login(), ...unreachable(), '--directory', directory],
  ]);
  expect(init.code, init.stderr).toBe(0);
  const verified = await cluster(directory, 'nodes-answer,macros');
  expect(checksOf(verified.stdout, 'passed'), verified.stderr).toHaveLength(2);
});

test('a node that a balancer no longer leads to is missed, and the others are verified', async () => {
  await using balancer = await startConnectionBalancer(httpPorts().slice(1));
  const words = [`http://127.0.0.1:${balancer.port}`, ...login(), ...unreachable()];
  const { code, stdout, stderr } = await check([...words, '--only', 'nodes-answer,macros']);
  expect(stderr).toMatch(/4 nodes, 3 reached[^]*not reached: 127\.0\.0\.1/);
  expect(checksOf(stdout, 'failed')).toEqual(['nodes-answer']);
  expect(checksOf(stdout, 'passed')).toEqual(['macros']);
  expect(code).toBe(1);
});

test('of a sample the newest partitions are judged, and what is left out is said', async () => {
  const url = `http://127.0.0.1:${httpPorts()[0]}`;
  const words = [url, ...login(), '--sample', '100', '--only', 'replica-content,spread'];
  const change = (edge: 'min' | 'max') =>
    own.cluster.node('clickhouse-03').command(
      `ALTER TABLE ${LOCAL} UPDATE price = price + 1 WHERE created_at = (SELECT ${edge}(created_at) FROM ${LOCAL})
       SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1`,
    );
  try {
    await change('min');
    const old = await check(words);
    expect(checksOf(old.stdout, 'passed'), old.stderr).toEqual(['replica-content']);
    const [spread, content] = printedVerdicts(old.stdout);
    expect(spread?.status).toBe('skipped');
    expect(JSON.stringify(content)).toMatch(
      /Left out by --sample 100: \d+ of \d+ rows, in \d+ older/,
    );
    await change('max');
    expect(checksOf((await check(words)).stdout, 'failed')).toEqual(['replica-content']);
  } finally {
    await own.load();
  }
});

test('a large partition is judged in parts, of which each row is in one', async () => {
  const { deployment, contract, cluster } = own;
  const [table] = localTables(contract);
  if (table === undefined) throw new RangeError('the contract has a table');
  const whole = { rows: 10, until: Infinity, said: '--sample 10' };
  const replicas = cluster.nodes.filter(({ node }) => node.shard === '01');
  const slices = await slicesOf(deployment, replicas, table, whole);
  expect(slices.filter(({ part }) => part !== undefined).length).toBeGreaterThan(10);
  const count = async (where = '1') => {
    const sql = `SELECT count() AS rows FROM ${LOCAL} WHERE ${where}`;
    const [found] = await replicas[0]!.query(sql, z.object({ rows: z.coerce.number() }));
    return found!.rows;
  };
  const counted = await Promise.all(slices.map(({ where }) => count(where)));
  expect(counted.reduce((sum, rows) => sum + rows, 0)).toBe(await count());
  const words = [`http://127.0.0.1:${httpPorts()[0]}`, ...login(), '--sample', '10'];
  const { stdout, stderr } = await check([...words, '--only', 'replica-content,placement']);
  expect(checksOf(stdout, 'passed'), stderr).toEqual(['placement', 'replica-content']);
  expect(stdout).toMatch(
    /Left out by --sample 10: about \d+ of \d+ rows, in \d+ further parts \(partition \d+, part \d+ of/,
  );
});

test('a query names its check, and is gone from the node when the check is interrupted', async () => {
  const client = own.cluster.node('clickhouse-01');
  await client.command(
    'CREATE TABLE otus_default.slow_local (id UInt64) ENGINE = MergeTree ORDER BY id',
  );
  try {
    await client.command(
      `CREATE TABLE otus_default.slow AS otus_default.slow_local
       ENGINE = Distributed(dwh_test, otus_default, slow_local, id + sleepEachRow(2))`,
    );
    await client.command('SYSTEM STOP MERGES otus_default.slow_local');
    // Of each part a row that takes two seconds.
    for (let id = 0; id < 20; id += 1) {
      await client.command(`INSERT INTO otus_default.slow_local VALUES (${id})`);
    }
    const url = `http://127.0.0.1:${client.node.httpPort}`;
    const checking = startCommand([
      ...['check', url, ...login(), '--only', 'placement', '--table', 'slow*'],
    ]);
    const ended = outcomeOf(checking);
    const running = async (): Promise<number> => {
      const [found] = await client.query(
        `SELECT count() AS queries FROM system.processes
         WHERE Settings['log_comment'] = 'provehouse placement' AND query LIKE '%sleepEachRow%misplaced%'
           AND query NOT LIKE '%system.processes%'`,
        z.object({ queries: z.coerce.number() }),
      );
      return found?.queries ?? 0;
    };
    await expect.poll(running, { timeout: 15_000 }).toBe(1);
    checking.kill('SIGINT');
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
    expect(await ended).toMatchObject({ code: 130, stdout: '' });
  } finally {
    for (const name of ['slow', 'slow_local']) {
      await client.command(`DROP TABLE IF EXISTS otus_default.${name} SYNC`);
    }
  }
});

/** Verifies the files that `init` wrote. */
const cluster = (directory: string, only: string): Promise<CommandOutcome> =>
  runCommand([
    ...['cluster', '--json', '--only', only],
    ...['--deployment', join(directory, 'deployment.json')],
    ...['--contract', join(directory, 'contract.yaml')],
  ]);
