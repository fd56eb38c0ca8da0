import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import { freeze } from '../../test/container-health.ts';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { testReplication } from '../../test/container-replication.ts';
import { testToyContainer } from '../../test/toy-component/container.ts';
import { toy } from '../../test/toy-component/index.ts';
import { COMPONENTS } from '../components/index.ts';
import { silent } from '../runtime.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { stateFolder } from '../state/state-folder.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { KEEPERS, keeperNames } from '../clickhouse/keeper-config.ts';
import { runtimeToStart } from '../cli/choose-runtime.ts';
import { askHealth } from './ask-health.ts';
import { docker } from './engine.ts';
import { findTerraform } from './terraform-program.ts';
import { TerraformWorkspace } from './terraform.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const without = ['airflow'] as const;
const cli = join(import.meta.dirname, '../cli.ts');

const up = (platform: ContainerPlatform) => platform.runtime.up({ without, ports: platform.ports });

async function query(platform: ContainerPlatform, node: string, sql: string): Promise<string> {
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  return ask(platform.ports[`${node}.http`] ?? 0, { user, password }, sql);
}

/** Addresses of what an apply would change now. */
async function drift(platform: ContainerPlatform): Promise<readonly string[]> {
  const program = await findTerraform(process.env, cacheFolder(process.env));
  return new TerraformWorkspace(program, join(platform.runtime.directory, 'terraform')).drift();
}

/** Begins a start and interrupts it when the first component is ready; gives exit code and signal. */
async function interruptedStart(platform: ContainerPlatform): Promise<unknown> {
  const ports = Object.entries(platform.ports).map(([name, port]) => `${name}=${port}`);
  const child = spawn(
    process.execPath,
    [cli, 'up', '--runtime', 'docker', '--name', platform.name, '--without', 'airflow'],
    {
      env: { ...process.env, PROVEHOUSE_HOME: platform.home, PROVEHOUSE_PORTS: ports.join(',') },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('ready at')) break;
  }
  child.kill('SIGINT');
  return ended;
}

// Each test leaves the platform whole; the last one purges it.
describe('a platform that several tests share', () => {
  let platform: ContainerPlatform;
  let interrupted: unknown;
  beforeAll(async () => {
    if (obstacle !== undefined) return;
    platform = await containerPlatform([...COMPONENTS, toy]);
    interrupted = await interruptedStart(platform);
    await up(platform);
  });
  afterAll(() => platform?.[Symbol.asyncDispose]());

  test('a start that was interrupted can be gone on with', async () => {
    expect(interrupted).toEqual([130, null]);
    expect(await query(platform, 'clickhouse-01', 'SELECT 1')).toBe('1');
    expect(await drift(platform)).toEqual([]);
  });

  test('nodes form one cluster and are reached only over the loopback address', async () => {
    const { deploymentFile } = stateFolder(platform.home, platform.name);
    const deployment = await readDeployment(deploymentFile);
    expect(deployment).toMatchObject({ runtime: 'docker', engine: expect.any(String) });
    for (const { name, shard, replica } of deployment.clickhouse.nodes) {
      const facts = "SELECT displayName(), getMacro('shard'), getMacro('replica') FORMAT CSV";
      expect(await query(platform, name, facts)).toBe(`"${name}","${shard}","${replica}"`);
    }
    const nodes = "SELECT count() FROM clusterAllReplicas('dwh_test', system.one)";
    expect(await query(platform, 'clickhouse-01', nodes)).toBe('4');
    const format =
      '{{range $p, $b := .NetworkSettings.Ports}}{{range $b}}{{.HostIp}} {{end}}{{end}}';
    for (const id of Object.values(await platform.ids())) {
      const addresses = (await docker(['inspect', '--format', format, id])).trim().split(' ');
      expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    }
  });

  test('no secret is in the state, the variables, the plan or the description of a container', async () => {
    const folder = join(platform.runtime.directory, 'terraform');
    const program = await findTerraform(process.env, cacheFolder(process.env));
    const ids = Object.values(await platform.ids());
    const texts = {
      state: await readFile(join(folder, 'terraform.tfstate'), 'utf8'),
      variables: await readFile(join(folder, 'terraform.tfvars.json'), 'utf8'),
      plan: await new TerraformWorkspace(program, folder).plan(false),
      containers: await docker(['inspect', ...ids]),
    };
    const secrets = await platform.secrets();
    const values = Object.entries(secrets).filter(([, value]) => value.length >= 12);
    expect(values.length).toBeGreaterThan(5);
    for (const [place, content] of Object.entries(texts)) {
      expect(content.length, place).toBeGreaterThan(100);
      for (const [field, value] of values)
        expect(content, `${field} in ${place}`).not.toContain(value);
    }
    const file = join(platform.runtime.directory, 'config/clickhouse/clickhouse-01/config.xml');
    const terraform = ['terraform.tfstate', 'terraform.tfvars.json'].map((name) =>
      join(folder, name),
    );
    for (const path of [file, ...terraform]) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o600);
    }
  });

  test('a second start changes nothing', async () => {
    const { deploymentFile } = stateFolder(platform.home, platform.name);
    const first = await readDeployment(deploymentFile);
    const before = await platform.ids();
    expect(await up(platform)).toEqual(first);
    expect(await platform.ids()).toEqual(before);
  });

  test('what was stopped or removed by hand is put back alone', async () => {
    const before = await platform.ids();
    await query(
      platform,
      'clickhouse-02',
      'CREATE TABLE otus_default.kept (a Int8) ENGINE = MergeTree ORDER BY a AS SELECT 7',
    );
    await docker(['stop', before['clickhouse-02'] ?? '']);
    await docker(['rm', '--force', before['clickhouse-03'] ?? '']);
    await up(platform);
    const after = await platform.ids();
    expect(after['clickhouse-01']).toBe(before['clickhouse-01']);
    expect(after['clickhouse-04']).toBe(before['clickhouse-04']);
    expect(await query(platform, 'clickhouse-03', 'SELECT displayName()')).toBe('clickhouse-03');
    expect(await query(platform, 'clickhouse-02', 'SELECT a FROM otus_default.kept')).toBe('7');
  });

  test('containers that Terraform does not know of do not stand in the way', async () => {
    await rm(join(platform.runtime.directory, 'terraform/terraform.tfstate'));
    await query(
      platform,
      'clickhouse-01',
      'CREATE TABLE otus_default.unknown (a Int8) ENGINE = MergeTree ORDER BY a AS SELECT 7',
    );
    await up(platform);
    expect(await query(platform, 'clickhouse-01', 'SELECT a FROM otus_default.unknown')).toBe('7');
  });

  test('a node can be killed, started and restarted, and its output is shown', async () => {
    const { runtime } = platform;
    await runtime.kill('clickhouse-02');
    const killed = (await runtime.status()).find(({ name }) => name === 'clickhouse-02');
    expect(killed?.state).toBe('exited with code 137');
    await Promise.all([runtime.start('clickhouse-02'), runtime.restart('clickhouse-03')]);
    expect((await runtime.status()).map(({ state }) => state)).toEqual(Array(8).fill('ready'));
    const [program = '', ...words] = await runtime.logCommand('clickhouse-01', {
      lines: 5,
      follow: false,
    });
    const logs = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = (await Promise.all([text(logs.stdout), text(logs.stderr)])).join('');
    expect(said.trim().split('\n')).toHaveLength(5);
    await expect(runtime.stop('clickhouse-09')).rejects.toThrow(/no container of clickhouse-09/);
  });

  test('a Keeper that hangs is unhealthy, the others are not; a start helps what hangs or is paused, and says so', async () => {
    const before = await platform.ids();
    const container = (component: string) => before[component] ?? '';
    await platform.runtime.freeze('clickhouse-02');
    await freeze(container('clickhouse-keeper-03'));
    const asked = keeperNames(KEEPERS).map((keeper) => askHealth(container(keeper)));
    expect((await Promise.all(asked)).map(({ healthy }) => healthy)).toEqual([true, true, false]);
    const said: string[] = [];
    const progress = { ...silent, message: (text: string) => void said.push(text) };
    await platform.runtime.up({ without, ports: platform.ports, progress });
    expect(said).toContain('clickhouse-02 was paused: it goes on.');
    expect(said).toContainEqual(
      expect.stringMatching(/^clickhouse-keeper-03 is unhealthy.*: it is started again\.$/),
    );
    expect(said).not.toContain('Everything runs already; nothing was changed.');
    expect((await platform.runtime.status()).map(({ state }) => state)).toEqual(
      Array(8).fill('ready'),
    );
    expect(await platform.ids()).toEqual(before);
  });

  test('a changed setting changes its container alone', async () => {
    const before = await platform.ids();
    const port = (platform.ports['clickhouse-04.http'] ?? 0) + 11;
    const ports = { ...platform.ports, 'clickhouse-04.http': port };
    const deployment = await platform.runtime.up({ without, ports });
    expect(deployment.clickhouse.nodes[3]?.httpPort).toBe(port);
    const after = await platform.ids();
    const changed = Object.keys(after).filter(
      (component) => after[component] !== before[component],
    );
    expect(changed).toEqual(['clickhouse-04']);
  });

  describe('replication', () => testReplication(() => platform));

  describe('an added component', () => testToyContainer(() => platform));

  test('data survives a stop; a purge leaves nothing in the engine and only the secrets', async () => {
    await query(
      platform,
      'clickhouse-01',
      'CREATE TABLE otus_default.lasting (a Int8) ENGINE = MergeTree ORDER BY a AS SELECT 7',
    );
    await platform.runtime.down();
    const left = await platform.remains();
    expect([left.containers, left.networks]).toEqual([[], []]);
    expect(left.volumes).toContain(`provehouse-${platform.name}-clickhouse-01-data`);
    // Asked for nothing, the next start is one of what there was: containers, without Airflow.
    await (await runtimeToStart(platform, undefined)).up({ ports: platform.ports });
    const started = Object.keys(await platform.ids());
    expect(started.filter((component) => /^(airflow|postgres|redis)/.test(component))).toEqual([]);
    expect(started).toContain('clickhouse-01');
    await expect(runtimeToStart(platform, 'native')).rejects.toThrow(/docker runtime, not native/);
    const kept = 'SELECT a FROM otus_default.lasting';
    expect(await query(platform, 'clickhouse-01', kept)).toBe('7');
    await platform.runtime.down({ purge: true });
    expect(await platform.remains()).toEqual({ containers: [], networks: [], volumes: [] });
  });
});

test('a port that somebody has is named before anything is started', async () => {
  await using platform = await containerPlatform();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ports = { ...platform.ports, 'clickhouse-01.http': port };
  const starting = platform.runtime.up({ without, ports });
  await expect(starting).rejects.toThrow(`Nothing was started. clickhouse-01.http: port ${port}`);
  server.close();
  expect(await platform.remains()).toEqual({ containers: [], networks: [], volumes: [] });
});
