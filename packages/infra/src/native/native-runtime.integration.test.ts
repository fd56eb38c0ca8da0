import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSecrets } from '@provehouse/secrets';
import { ask } from '../../test/ask.ts';
import { freePorts } from '../../test/free-ports.ts';
import {
  expectNothingLeft,
  temporaryPlatform,
  type TemporaryPlatform,
} from '../../test/temporary-platform.ts';
import type { Deployment } from '../state/deployment.ts';
import { readDeployment } from '../state/deployment-file.ts';
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

// Each test starts what an earlier one has stopped, and leaves the platform whole or stopped.
describe('a platform that several tests share', () => {
  let platform: TemporaryPlatform;
  beforeAll(async () => {
    platform = await temporaryPlatform();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const up = () => platform.runtime.up({ without });
  const pids = async () =>
    new Map((await platform.runtime.status()).map(({ name, pid }) => [name, pid]));
  const stateOf = async (component: string) =>
    (await platform.runtime.status()).find(({ name }) => name === component)?.state;

  test('four nodes form one cluster, each with its own macros', async () => {
    const deployment = await up();
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
    const deployment = await up();
    const secrets = await platform.secrets();
    const reader = { user: secrets.bi_user_name, password: secrets.bi_user_password };
    for (const port of httpPorts(deployment)) {
      expect(await ask(port, { user: 'su', password: 'wrong' }, 'SELECT 1')).toMatch(
        /AUTHENTICATION_FAILED/,
      );
      expect(await ask(port, { user: 'default', password: '' }, 'SELECT 1')).toMatch(
        /SESSION_LIMIT/,
      );
      expect(await ask(port, reader, 'SELECT 1')).toBe('1');
      expect(
        await ask(port, reader, 'CREATE TABLE otus_default.t (a Int8) ENGINE = Memory'),
      ).toMatch(/ACCESS_DENIED/);
    }
  });

  test('the deployment holds no secret and secret files are for their owner only', async () => {
    await up();
    const folder = stateFolder(platform.home, 'test');
    const text = await readFile(folder.deploymentFile, 'utf8');
    const { super_user_password } = await platform.secrets();
    expect(text).not.toContain(super_user_password);
    expect((await readDeployment(folder.deploymentFile)).engine).toBe('chdb');
    const config = join(folder.config, 'clickhouse-01/config.xml');
    expect((await stat(config)).mode & 0o777).toBe(0o600);
  });

  test('a second start changes nothing', async () => {
    const first = await up();
    const before = await platform.processes();
    expect(await up()).toEqual(first);
    expect(await platform.processes()).toEqual(before);
  });

  test('a killed component is shown as such, and the next start brings back only that one', async () => {
    await up();
    const before = await pids();
    await platform.runtime.kill('clickhouse-02');
    expect(await stateOf('clickhouse-02')).toBe('ended by a signal');
    await up();
    const changed = [...(await pids())].filter(([name, pid]) => before.get(name) !== pid);
    expect(changed.map(([name]) => name)).toEqual(['clickhouse-02']);
  });

  test('a component that two stop at once is stopped for both', async () => {
    await up();
    const stop = () => platform.runtime.stop('clickhouse-02').then(() => stateOf('clickhouse-02'));
    expect(await Promise.all([stop(), stop(), stop()])).toEqual(Array(3).fill('stopped'));
  });

  test('data survives a restart and a stop, which leaves no process and no file but data, logs and secrets', async () => {
    const deployment = await up();
    const su = account(await platform.secrets());
    const [port = 0] = httpPorts(deployment);
    await ask(port, su, 'CREATE TABLE otus_default.kept (a Int8) ENGINE = MergeTree ORDER BY a');
    await ask(port, su, 'INSERT INTO otus_default.kept VALUES (42)');
    await platform.runtime.restart('clickhouse-01');
    expect(await ask(port, su, 'SELECT a FROM otus_default.kept')).toBe('42');
    // Nodes, coordinators and what supervises them.
    expect(await platform.processes()).toHaveLength(8);
    await platform.runtime.down();
    await expectNothingLeft(platform);
    const again = await up();
    expect(await ask(httpPorts(again)[0] ?? 0, su, 'SELECT a FROM otus_default.kept')).toBe('42');
  });

  test('a start ends what a killed supervisord left, and a stop does so, too', async () => {
    const killSupervisor = async () => {
      const session = join(platform.runtime.directory, 'run/session');
      const supervisor = Number(await readFile(session, 'utf8'));
      process.kill(supervisor, 'SIGKILL');
      await expect.poll(() => platform.processes()).not.toContain(supervisor);
    };
    await up();
    const before = await pids();
    await killSupervisor();
    expect(await platform.processes()).toHaveLength(7);
    expect((await up()).clickhouse.nodes).toHaveLength(4);
    const after = await pids();
    expect([...after].filter(([name, pid]) => before.get(name) === pid)).toEqual([]);
    await killSupervisor();
    await platform.runtime.down();
    await expectNothingLeft(platform);
  });

  test('secrets and a plan that are gone or not whole are reported, not made again, and a stop comes through', async () => {
    await up();
    const { secretsFile, run } = stateFolder(platform.home, 'test');
    await rename(secretsFile, `${secretsFile}.away`);
    await expect(platform.runtime.status()).rejects.toThrow(/No secrets can be read from/);
    expect(await readdir(platform.runtime.directory)).not.toContain('secrets.env');
    await rename(`${secretsFile}.away`, secretsFile);

    await writeFile(join(run, 'plan.json'), '{"shards":2,');
    await expect(platform.runtime.status()).rejects.toThrow(
      /plan\.json is not whole[^]*infra:down/,
    );
    await expect(up()).rejects.toThrow(/plan\.json is not whole/);
    await platform.runtime.down();
    await expectNothingLeft(platform);
  });

  test('a purge leaves only the secrets', async () => {
    const { runtime } = platform;
    await runtime.down();
    expect((await readdir(runtime.directory)).sort()).toEqual(['data', 'logs', 'secrets.env']);
    await runtime.down({ purge: true });
    expect(await readdir(runtime.directory)).toEqual(['secrets.env']);
  });
});

test('two platforms run side by side and do not touch each other', async () => {
  await using one = await temporaryPlatform('one');
  await using two = await temporaryPlatform('two');
  const set = await freePorts([
    ...['clickhouse-01.http', 'clickhouse-01.native'],
    ...['clickhouse-02.http', 'clickhouse-02.native'],
  ]);
  const [first, second] = await Promise.all([
    one.runtime.up({ without, shards: 1, replicas: 1, coordinators: 1 }),
    two.runtime.up({ without, shards: 1, replicas: 2, ports: set }),
  ]);
  expect(httpPorts(second)).toEqual([set['clickhouse-01.http'], set['clickhouse-02.http']]);
  expect(new Set([...httpPorts(first), ...httpPorts(second)]).size).toBe(3);
  const alone = [...(await processStates(stateFolder(one.home, 'one'))).keys()];
  expect(alone.sort()).toEqual(['clickhouse-01', 'zookeeper-01']);
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

test('a component that dies stops the start with its last lines, and nothing stays', async () => {
  await using platform = await temporaryPlatform();
  await platform.runtime.up({ without, shards: 1, replicas: 2, coordinators: 1 });
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

test('data of another shape is refused with what to do, and passwords with every special character are carried to the nodes', async () => {
  await using platform = await temporaryPlatform();
  const runtime = nativeRuntime({ home: platform.home, name: 'test' });
  await runtime.up({ without, shards: 1, replicas: 1, coordinators: 1 });
  await expect(runtime.up({ without, shards: 2 })).rejects.toThrow(/runs with shards 1, not 2/);
  await runtime.down();
  await expect(runtime.up({ without, shards: 2 })).rejects.toThrow(/--purge/);

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
