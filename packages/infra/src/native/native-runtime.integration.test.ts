import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { writeSecrets } from '@provehouse/secrets';
import { ask } from '../../test/ask.ts';
import { expectNothingLeft, temporaryPlatform } from '../../test/temporary-platform.ts';
import { readDeployment, type Deployment } from '../state/deployment.ts';
import { nativeRuntime } from './native-runtime.ts';
import { processStates } from './supervisord.ts';
import { stateFolder } from '../state/state-folder.ts';

const without = ['airflow'] as const;
const cli = join(import.meta.dirname, '../cli.ts');

const account = (secrets: { super_user_name: string; super_user_password: string }) => ({
  user: secrets.super_user_name,
  password: secrets.super_user_password,
});
const httpPorts = ({ clickhouse }: Deployment) => clickhouse.nodes.map(({ httpPort }) => httpPort);

test('four nodes form one cluster, each with its own macros', async () => {
  await using platform = await temporaryPlatform();
  const deployment = await platform.runtime.up({ without });
  const su = account(await platform.secrets());
  const macros = httpPorts(deployment).map((port) =>
    ask(port, su, "SELECT displayName(), getMacro('shard'), getMacro('replica') FORMAT CSV"),
  );
  expect(await Promise.all(macros)).toEqual([
    '"clickhouse-01","01","01"',
    '"clickhouse-02","02","01"',
    '"clickhouse-03","01","02"',
    '"clickhouse-04","02","02"',
  ]);
  const [first = 0] = httpPorts(deployment);
  const nodes = "SELECT count() FROM clusterAllReplicas('dwh_test', system.one)";
  expect(await ask(first, su, nodes)).toBe('4');
});

test('nobody logs in with a wrong password, as default, or writes as the reader', async () => {
  await using platform = await temporaryPlatform();
  const deployment = await platform.runtime.up({ without });
  const secrets = await platform.secrets();
  const reader = { user: secrets.bi_user_name, password: secrets.bi_user_password };
  for (const port of httpPorts(deployment)) {
    expect(await ask(port, { user: 'su', password: 'wrong' }, 'SELECT 1')).toMatch(
      /AUTHENTICATION_FAILED/,
    );
    expect(await ask(port, { user: 'default', password: '' }, 'SELECT 1')).toMatch(/SESSION_LIMIT/);
    expect(await ask(port, reader, 'SELECT 1')).toBe('1');
    expect(await ask(port, reader, 'CREATE TABLE otus_default.t (a Int8) ENGINE = Memory')).toMatch(
      /ACCESS_DENIED/,
    );
  }
});

test('a second start changes nothing', async () => {
  await using platform = await temporaryPlatform();
  const first = await platform.runtime.up({ without });
  const before = await platform.processes();
  expect(await platform.runtime.up({ without })).toEqual(first);
  expect(await platform.processes()).toEqual(before);
});

test('secrets and a plan that are gone or not whole are reported, not made again, and a stop comes through', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without });
  const { secretsFile, run } = stateFolder(platform.home, 'test');
  await rename(secretsFile, `${secretsFile}.away`);
  await expect(platform.runtime.status()).rejects.toThrow(/No secrets can be read from/);
  expect(await readdir(platform.runtime.directory)).not.toContain('secrets.env');
  await rename(`${secretsFile}.away`, secretsFile);

  await writeFile(join(run, 'plan.json'), '{"shards":2,');
  await expect(platform.runtime.status()).rejects.toThrow(/plan\.json is not whole[^]*infra:down/);
  await expect(platform.runtime.up({ without })).rejects.toThrow(/plan\.json is not whole/);
  await platform.runtime.down();
  await expectNothingLeft(platform);
});

test('a stop leaves no process and no file but data, logs and secrets; a purge only the secrets', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without });
  // Nodes, coordinators and what supervises them.
  expect((await platform.processes()).length).toBe(8);
  await platform.runtime.down();
  await expectNothingLeft(platform);
  await platform.runtime.down({ purge: true });
  expect(await readdir(platform.runtime.directory)).toEqual(['secrets.env']);
});

test('a component that two stop at once is stopped for both', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without });
  const { runtime } = platform;
  const state = async () =>
    (await runtime.status()).find(({ name }) => name === 'clickhouse-02')?.state;
  const stop = () => runtime.stop('clickhouse-02').then(state);
  expect(await Promise.all([stop(), stop(), stop()])).toEqual(Array(3).fill('stopped'));
});

test('data survives a restart and a stop', async () => {
  await using platform = await temporaryPlatform();
  const deployment = await platform.runtime.up({ without });
  const su = account(await platform.secrets());
  const [port = 0] = httpPorts(deployment);
  await ask(port, su, 'CREATE TABLE otus_default.kept (a Int8) ENGINE = MergeTree ORDER BY a');
  await ask(port, su, 'INSERT INTO otus_default.kept VALUES (42)');
  await platform.runtime.restart('clickhouse-01');
  expect(await ask(port, su, 'SELECT a FROM otus_default.kept')).toBe('42');
  await platform.runtime.down();
  const again = await platform.runtime.up({ without });
  expect(await ask(httpPorts(again)[0] ?? 0, su, 'SELECT a FROM otus_default.kept')).toBe('42');
});

test('two platforms run side by side and do not touch each other', async () => {
  await using one = await temporaryPlatform('one');
  await using two = await temporaryPlatform('two');
  const deployments = await Promise.all([
    one.runtime.up({ without, shards: 1, replicas: 1 }),
    two.runtime.up({
      without,
      shards: 1,
      replicas: 2,
      ports: {
        'clickhouse-01.http': 18123,
        'clickhouse-01.native': 19000,
        'clickhouse-02.http': 18124,
        'clickhouse-02.native': 19001,
      },
    }),
  ]);
  const ports = deployments.flatMap(httpPorts);
  expect(new Set(ports).size).toBe(3);
  await one.runtime.down();
  const statuses = await two.runtime.status();
  expect(statuses.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'ready'));
});

test('a set port that is taken is refused before anything is started', async () => {
  await using platform = await temporaryPlatform();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const refused = platform.runtime.up({ without, ports: { 'clickhouse-02.http': port } });
  await expect(refused).rejects.toThrow(
    `clickhouse-02.http: port ${port} is taken by process ${process.pid}`,
  );
  expect(await platform.processes()).toEqual([]);
  server.close();
});

test('a stop also ends what a killed supervisord left, and a start does so, too', async () => {
  await using platform = await temporaryPlatform();
  const { directory } = platform.runtime;
  const killSupervisor = async () =>
    process.kill(Number(await readFile(join(directory, 'run/session'), 'utf8')), 'SIGKILL');
  await platform.runtime.up({ without });
  await killSupervisor();
  expect(await platform.processes()).toHaveLength(7);
  const deployment = await platform.runtime.up({ without });
  expect(deployment.clickhouse.nodes).toHaveLength(4);
  await killSupervisor();
  await platform.runtime.down();
  await expectNothingLeft(platform);
});

test('a killed component is shown as such, and the next start brings back only that one', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without });
  const pidsByName = async () =>
    new Map((await platform.runtime.status()).map(({ name, pid }) => [name, pid]));
  const before = await pidsByName();
  await platform.runtime.kill('clickhouse-02');
  const dead = (await platform.runtime.status()).find(({ name }) => name === 'clickhouse-02');
  expect(dead?.state).toBe('ended by a signal');
  await platform.runtime.up({ without });
  const after = await pidsByName();
  const changed = [...after].filter(([name, pid]) => before.get(name) !== pid);
  expect(changed.map(([name]) => name)).toEqual(['clickhouse-02']);
});

test('a component that dies stops the start with its last lines, and nothing stays', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without, shards: 1, replicas: 2 });
  await platform.runtime.down();
  // The node cannot lock its data: a folder is where the lock file must be.
  const lock = join(platform.runtime.directory, 'data/clickhouse-02/status');
  await rm(lock, { force: true });
  await mkdir(lock);
  const failed = platform.runtime.up({ without });
  await expect(failed).rejects.toThrow(
    /clickhouse-02 died \(exited with code 1\)[\s\S]*last lines:[\s\S]*infra:logs clickhouse-02/,
  );
  await expectNothingLeft(platform);
});

test('data of another shape is refused with what to do', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without, shards: 1, replicas: 1 });
  await expect(platform.runtime.up({ without, shards: 2 })).rejects.toThrow(
    /runs with shards 1, not 2/,
  );
  await platform.runtime.down();
  await expect(platform.runtime.up({ without, shards: 2 })).rejects.toThrow(/--purge/);
});

test('passwords of the owner with every special character are carried to the nodes', async () => {
  await using platform = await temporaryPlatform();
  const runtime = nativeRuntime({ home: platform.home, name: 'test' });
  await runtime.up({ without, shards: 1, replicas: 1 });
  await runtime.down();
  const password = `<&>" %{}[]()$HOME#;:/?@~^|=+*!,.-_ü`;
  const secrets = { ...(await platform.secrets()), super_user_password: password };
  await writeSecrets(join(runtime.directory, 'secrets.env'), secrets, { force: true });
  const deployment = await runtime.up({ without });
  expect(await ask(httpPorts(deployment)[0] ?? 0, { user: 'su', password }, 'SELECT 1')).toBe('1');
});

test('Ctrl-C in the middle of a start leaves nothing and ends with code 130', async () => {
  await using platform = await temporaryPlatform();
  const child = spawn(process.execPath, [cli, 'up', '--home', platform.home, '--name', 'test'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = once(child, 'exit');
  for await (const line of createInterface(child.stderr)) if (line.includes('ready at')) break;
  child.kill('SIGINT');
  expect(await exit).toEqual([130, null]);
  await expectNothingLeft(platform);
});

test('the deployment holds no secret and secret files are for their owner only', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without, shards: 1, replicas: 1, coordinators: 1 });
  const folder = stateFolder(platform.home, 'test');
  const text = await readFile(folder.deploymentFile, 'utf8');
  const { super_user_password } = await platform.secrets();
  expect(text).not.toContain(super_user_password);
  expect((await readDeployment(folder.deploymentFile)).engine).toBe('chdb');
  const config = join(folder.config, 'clickhouse-01/config.xml');
  expect((await stat(config)).mode & 0o777).toBe(0o600);
  expect([...(await processStates(folder)).keys()].sort()).toEqual([
    'clickhouse-01',
    'zookeeper-01',
  ]);
});
