import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import { askHealth, freeze } from '../../test/container-health.ts';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { askCoordinator } from '../clickhouse/coordination.ts';
import type { Deployment } from '../state/deployment.ts';
import { KEEPERS as COUNT, keeperNames } from '../clickhouse/keeper-config.ts';
import { containersOf } from './containers.ts';
import { docker } from './engine.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const KEEPERS = keeperNames(COUNT);
const [first = '', ...others] = KEEPERS;
const SOON = { timeout: 60_000, interval: 500 };

let started: ContainerPlatform | undefined;
let deployment: Deployment;
beforeAll(async () => {
  if (obstacle !== undefined) return;
  started = await containerPlatform();
  deployment = await started.runtime.up({ without: ['airflow'], ports: started.ports });
});
afterAll(() => started?.[Symbol.asyncDispose]());

/** The platform of these tests. @throws RangeError when there is none */
function platform(): ContainerPlatform {
  if (started === undefined) throw new RangeError('the platform was not started');
  return started;
}

async function query(node: string, sql: string): Promise<string> {
  const { super_user_name: user, super_user_password: password } = await platform().secrets();
  return ask(platform().ports[`${node}.http`] ?? 0, { user, password }, sql);
}

const container = (keeper: string): string => `provehouse-${platform().name}-${keeper}`;

/** Stops Keepers; they are there again when what is given is disposed of. */
async function stop(keepers: readonly string[]): Promise<AsyncDisposable> {
  const { runtime } = platform();
  await Promise.all(keepers.map((keeper) => runtime.stop(keeper)));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(keepers.map((keeper) => runtime.start(keeper)));
    },
  };
}

/** Which of the Keepers their own health checks call healthy. */
async function healthy(keepers: readonly string[] = KEEPERS): Promise<string[]> {
  const asked = await Promise.all(
    keepers.map(async (keeper) => ({ keeper, ...(await askHealth(container(keeper))) })),
  );
  return asked.filter((health) => health.healthy).map(({ keeper }) => keeper);
}

test('the deployment says what coordinates the nodes, and this machine can ask each Keeper', async () => {
  const { clickhouse } = deployment;
  expect(clickhouse).toMatchObject({
    internalReplication: true,
    capabilities: { replication: 'keeper', distributedDdl: true },
    coordination: { kind: 'keeper', ddlQueue: '/clickhouse/task_queue/ddl' },
  });
  const states = await Promise.all(
    (clickhouse.coordination?.servers ?? []).map((server) => askCoordinator(server)),
  );
  expect(states.map(({ role }) => role).toSorted()).toEqual(['follower', 'follower', 'leader']);
});

test('tables that are made ON CLUSTER replicate, also with a Keeper less and after a node was gone', async () => {
  const create = `CREATE TABLE otus_default.kept ON CLUSTER dwh_test (a UInt32)
    ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY a`;
  expect(await query('clickhouse-02', create)).not.toContain('Exception');
  const insert = (rows: string): Promise<string> =>
    query('clickhouse-01', `INSERT INTO otus_default.kept SELECT number FROM ${rows}`);
  const rows = async (node: string): Promise<string> => {
    expect(await query(node, 'SYSTEM SYNC REPLICA otus_default.kept')).toBe('');
    return query(node, 'SELECT count() FROM otus_default.kept');
  };
  expect(await insert('numbers(10)')).toBe('');
  expect([await rows('clickhouse-03'), await rows('clickhouse-02')]).toEqual(['10', '0']);

  const { runtime } = platform();
  await runtime.kill('clickhouse-keeper-01');
  await runtime.kill('clickhouse-03');
  expect(await insert('numbers(10, 10)')).toBe('');
  await runtime.start('clickhouse-03');
  expect(await rows('clickhouse-03')).toBe('20');
  await runtime.start('clickhouse-keeper-01');
});

test('where a node gives its parts away nobody is served without the account of its peers', async () => {
  const { 'clickhouse-02': other = '' } = await platform().ids();
  const url = 'http://clickhouse-01:9009/?query=SELECT%201';
  const script = `wget --server-response -qO- '${url}' 2>&1 || true`;
  expect(await docker(['exec', other, 'sh', '-c', script])).toContain('401 Unauthorized');
});

test('Keepers that have a majority with them are healthy', async () => {
  expect(await healthy()).toEqual(KEEPERS);
  {
    await using _stopped = await stop([first]);
    await expect.poll(() => healthy(others), SOON).toEqual(others);
  }
  expect(await healthy()).toEqual(KEEPERS);
});

test('a Keeper that has lost the two others is unhealthy though it runs', async () => {
  {
    await using _stopped = await stop(others);
    await expect.poll(() => healthy([first]), SOON).toEqual([]);
    const seen = async (): Promise<unknown> =>
      (await containersOf(platform().name)).find(({ component }) => component === first);
    await expect.poll(seen, SOON).toMatchObject({ state: 'running', health: 'unhealthy' });
  }
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});

test('Keepers that get the addresses of each other are an ensemble again', async () => {
  const { runtime } = platform();
  const before = await addressesOf(others);
  await Promise.all(others.map((keeper) => runtime.stop(keeper)));
  // The engine gives the lowest address that is free.
  const [low = '', high = ''] = others.toSorted(
    (left, right) =>
      lastNumber(before[others.indexOf(left)]) - lastNumber(before[others.indexOf(right)]),
  );
  await runtime.start(high);
  await runtime.start(low);
  expect(await addressesOf(others)).toEqual(before.toReversed());
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});

const lastNumber = (address = ''): number => Number(address.split('.').at(-1));

/** Addresses of Keepers in the network of the containers. */
async function addressesOf(keepers: readonly string[]): Promise<string[]> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return Promise.all(
    keepers.map((keeper) => docker(['inspect', '--format', format, container(keeper)])),
  );
}

test('a Keeper that hangs is unhealthy, the two others are not', async () => {
  {
    await using _frozen = await freeze(container(first));
    expect(await healthy([first])).toEqual([]);
    await expect.poll(() => healthy(others), SOON).toEqual(others);
  }
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});
