import { expect, test } from 'vitest';
import { askCoordinator } from '../src/clickhouse/coordination.ts';
import { KEEPERS as COUNT, keeperNames } from '../src/clickhouse/keeper-config.ts';
import { askHealth } from '../src/docker/ask-health.ts';
import { containersOf } from '../src/docker/containers.ts';
import { docker } from '../src/docker/engine.ts';
import { readDeployment } from '../src/state/deployment-file.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import { ask } from './ask.ts';
import type { ContainerPlatform } from './container-platform.ts';

const KEEPERS = keeperNames(COUNT);
const [first = '', ...others] = KEEPERS;
const SOON = { timeout: 60_000, interval: 200 };

/** Tests of replication on a platform of four nodes and their Keepers, which they leave whole. */
export function testReplication(running: () => ContainerPlatform): void {
  async function query(node: string, sql: string): Promise<string> {
    const { super_user_name: user, super_user_password: password } = await running().secrets();
    return ask(running().ports[`${node}.http`] ?? 0, { user, password }, sql);
  }

  const container = (component: string): string => `provehouse-${running().name}-${component}`;

  /** Which of the Keepers their own health checks call healthy. */
  async function healthy(keepers: readonly string[] = KEEPERS): Promise<string[]> {
    const asked = await Promise.all(
      keepers.map(async (keeper) => ({ keeper, ...(await askHealth(container(keeper))) })),
    );
    return asked.filter((health) => health.healthy).map(({ keeper }) => keeper);
  }

  /** The Keepers but the first, in the order of their addresses. */
  async function byAddress(): Promise<readonly { keeper: string; address: string }[]> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const found = await Promise.all(
      others.map(async (keeper) => {
        const address = await docker(['inspect', '--format', format, container(keeper)]);
        return { keeper, address };
      }),
    );
    const last = (address: string): number => Number(address.split('.').at(-1));
    return found.toSorted((left, right) => last(left.address) - last(right.address));
  }

  test('the deployment says what coordinates the nodes, and this machine can ask each Keeper', async () => {
    const { deploymentFile } = stateFolder(running().home, running().name);
    const { clickhouse } = await readDeployment(deploymentFile);
    expect(clickhouse).toMatchObject({
      internalReplication: true,
      capabilities: { replication: 'keeper', distributedDdl: true },
      coordination: { kind: 'keeper', ddlQueue: '/clickhouse/task_queue/ddl' },
    });
    const states = await Promise.all(
      (clickhouse.coordination?.servers ?? []).map((server) => askCoordinator(server)),
    );
    expect(states.map(({ role }) => role).toSorted()).toEqual(['follower', 'follower', 'leader']);
    expect(await healthy()).toEqual(KEEPERS);
  });

  test('tables that are made ON CLUSTER replicate, also with a Keeper less, which its peers survive, and after a node was gone', async () => {
    const create = `CREATE TABLE otus_default.replicated ON CLUSTER dwh_test (a UInt32)
      ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY a`;
    expect(await query('clickhouse-02', create)).not.toContain('Exception');
    const insert = (rows: string): Promise<string> =>
      query('clickhouse-01', `INSERT INTO otus_default.replicated SELECT number FROM ${rows}`);
    const rows = async (node: string): Promise<string> => {
      expect(await query(node, 'SYSTEM SYNC REPLICA otus_default.replicated')).toBe('');
      return query(node, 'SELECT count() FROM otus_default.replicated');
    };
    expect(await insert('numbers(10)')).toBe('');
    expect([await rows('clickhouse-03'), await rows('clickhouse-02')]).toEqual(['10', '0']);

    const { runtime } = running();
    await Promise.all([runtime.kill(first), runtime.kill('clickhouse-03')]);
    expect(await insert('numbers(10, 10)')).toBe('');
    await expect.poll(() => healthy(others), SOON).toEqual(others);
    await runtime.start('clickhouse-03');
    expect(await rows('clickhouse-03')).toBe('20');
    await runtime.start(first);
    expect(await healthy()).toEqual(KEEPERS);
  });

  test('where a node gives its parts away nobody is served without the account of its peers', async () => {
    const url = 'http://clickhouse-01:9009/?query=SELECT%201';
    const script = `wget --server-response -qO- '${url}' 2>&1 || true`;
    const answer = await docker(['exec', container('clickhouse-02'), 'sh', '-c', script]);
    expect(answer).toContain('401 Unauthorized');
  });

  test('a Keeper that has lost the others is unhealthy, until they are there again, even with the addresses of each other', async () => {
    const { runtime } = running();
    const [low, high] = await byAddress();
    await Promise.all(others.map((keeper) => runtime.stop(keeper)));
    await expect.poll(() => healthy([first]), SOON).toEqual([]);
    const seen = async (): Promise<unknown> =>
      (await containersOf(running().name)).find(({ component }) => component === first);
    await expect.poll(seen, SOON).toMatchObject({ state: 'running', health: 'unhealthy' });
    // The engine gives the lowest address that is free.
    await runtime.start(high?.keeper ?? '');
    await runtime.start(low?.keeper ?? '');
    expect(await byAddress()).toEqual([
      { keeper: high?.keeper, address: low?.address },
      { keeper: low?.keeper, address: high?.address },
    ]);
    await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
  });
}
