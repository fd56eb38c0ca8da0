import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../test/ask.ts';
import {
  expectNothingLeft,
  temporaryPlatform,
  type TemporaryPlatform,
} from '../../../test/temporary-platform.ts';
import { askCoordinator } from '../../clickhouse/coordination.ts';
import type { Deployment } from '../../state/deployment.ts';
import { silent } from '../../runtime.ts';
import {
  droppedPackets,
  dropPackets,
  groupOf,
  letPacketsPass,
  whyNotDropped,
} from '../../system/packet-filter.ts';

const noCuts = await whyNotDropped();
const wish = { replication: 'keeper', without: ['airflow'] } as const;
const create = (table: string): string => `CREATE TABLE ${table} ON CLUSTER dwh_test (id UInt32)
  ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY id`;

/** A server that has lost coordination tries an insert again for minutes before it refuses it. */
const AT_ONCE = 'SETTINGS insert_keeper_max_retries = 0';

/** Asks the nodes of a deployment as its administrator. */
async function asker(platform: TemporaryPlatform, { clickhouse }: Deployment) {
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  return (node: number, query: string): Promise<string> =>
    ask(clickhouse.nodes[node - 1]?.httpPort ?? 0, { user, password }, query);
}

/** Asks until the answer is as expected; without an end the platform would outlive its test. */
const until = (expected: string, look: () => Promise<string>): Promise<void> =>
  expect.poll(look, { timeout: 120_000, interval: 50 }).toBe(expected);

const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

// Each test starts what an earlier one has stopped, makes a table of its own, and leaves the platform
// whole or stopped.
describe('a platform that several tests share', () => {
  let platform: TemporaryPlatform;
  beforeAll(async () => {
    platform = await temporaryPlatform();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  test('they replicate, each shard for itself, and do on all nodes what ON CLUSTER says', async () => {
    const deployment = await platform.runtime.up(wish);
    expect(deployment.clickhouse.capabilities).toMatchObject({
      replication: 'keeper',
      distributedDdl: true,
    });
    const query = await asker(platform, deployment);
    await query(1, create('otus_default.replicated'));
    expect(await query(1, 'INSERT INTO otus_default.replicated VALUES (1), (2), (3)')).toBe('');
    await query(3, 'SYSTEM SYNC REPLICA otus_default.replicated');
    expect(await query(3, 'SELECT count() FROM otus_default.replicated')).toBe('3');
    expect(await query(2, 'SELECT count() FROM otus_default.replicated')).toBe('0');
    const replicas = "SELECT active_replicas FROM system.replicas WHERE table = 'replicated'";
    for (const node of [1, 2, 3, 4]) expect(await query(node, replicas)).toBe('2');
  });

  test('every port is on the loopback address alone, and no secret is in a command line or a log', async () => {
    const deployment = await platform.runtime.up(wish);
    const query = await asker(platform, deployment);
    await query(1, create('otus_default.logged'));
    const secrets = Object.values(await platform.secrets()).filter((value) => value.length > 8);
    const plan = JSON.parse(await readFile(`${platform.runtime.directory}/run/plan.json`, 'utf8'));
    for (const [name, port] of Object.entries<number>(plan.ports)) {
      // Of the coordinators only the leader listens for its followers.
      if (!name.endsWith('.peer')) expect(await accepts(port, '127.0.0.1'), name).toBe(true);
      expect(await accepts(port, '127.0.0.2'), name).toBe(false);
    }
    const pids = await platform.processes();
    const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8'));
    const logs = deployment.components.map(({ log = '' }) => readFile(log, 'utf8'));
    const texts = (await Promise.all([...lines, ...logs])).join('\n');
    expect(secrets.filter((secret) => texts.includes(secret))).toEqual([]);
  });

  test('one coordinator may be lost; without two nothing is written, and reads go on', async () => {
    const { runtime } = platform;
    const deployment = await runtime.up(wish);
    const query = await asker(platform, deployment);
    const names = deployment.clickhouse.coordination?.servers.map(({ name = '' }) => name) ?? [];
    const [one = '', two = ''] = names;
    const insert = 'INSERT INTO otus_default.written';
    await query(1, create('otus_default.written'));
    await runtime.kill(one);
    await until('', () => query(1, `${insert} VALUES (1)`));
    await runtime.kill(two);
    await until('refused', async () =>
      (await query(1, `${insert} ${AT_ONCE} VALUES (2)`)) === '' ? 'written' : 'refused',
    );
    expect(await query(1, 'SELECT min(id) FROM otus_default.written')).toBe('1');
    await Promise.all([runtime.start(one), runtime.start(two)]);
    await until('', () => query(1, `${insert} VALUES (3)`));
    const roles = async () => {
      const members = deployment.clickhouse.coordination?.servers ?? [];
      const states = await Promise.all(members.map((member) => askCoordinator(member)));
      return states.map(({ role }) => role).sort();
    };
    // The last to come back may still follow nobody.
    await expect.poll(roles, { timeout: 20_000 }).toEqual(['follower', 'follower', 'leader']);
  });

  test.skipIf(noCuts !== undefined)(
    `what a killed drill cut off is reached again after the next start (${noCuts ?? 'root'})`,
    async () => {
      const { clickhouse } = await platform.runtime.up(wish);
      const ports = clickhouse.coordination?.servers.map(({ port }) => port) ?? [];
      const node = (await platform.runtime.status()).find(({ name }) => name === 'clickhouse-02');
      const mark = `provehouse-drill-${process.pid}-1-clickhouse-02`;
      try {
        await dropPackets([{ group: await groupOf(node?.pid ?? 0), ports }], mark);
        await expect.poll(() => droppedPackets(mark), { timeout: 10_000 }).toBeGreaterThan(0);
        await platform.runtime.down();
        const messages: string[] = [];
        const progress = { ...silent, message: (text: string) => messages.push(text) };
        await platform.runtime.up({ ...wish, progress });
        expect(messages.join()).toContain(mark);
        expect(await droppedPackets(mark)).toBe(0);
      } finally {
        await letPacketsPass(mark);
      }
    },
  );

  test('data and replicas are there again after everything was restarted', async () => {
    const query = await asker(platform, await platform.runtime.up(wish));
    await query(1, create('otus_default.kept'));
    await query(1, 'INSERT INTO otus_default.kept VALUES (1)');
    // A node that ends between fetching its only part and committing it calls all its rows suspicious.
    await query(3, 'SYSTEM SYNC REPLICA otus_default.kept');
    const again = await asker(platform, await platform.runtime.restartAll());
    expect(await again(1, 'SELECT count() FROM otus_default.kept')).toBe('1');
    await until('', () => again(3, `INSERT INTO otus_default.kept ${AT_ONCE} VALUES (2)`));
    await again(1, 'SYSTEM SYNC REPLICA otus_default.kept');
    expect(await again(1, 'SELECT count() FROM otus_default.kept')).toBe('2');
  });

  test('nodes that were killed and lost their disks do what ON CLUSTER says as soon as they are back', async () => {
    const { runtime } = platform;
    const shard = ['clickhouse-02', 'clickhouse-04'];
    const query = await asker(platform, await runtime.up(wish));
    await Promise.all(shard.map((name) => runtime.kill(name)));
    for (const name of shard) {
      await rm(join(runtime.directory, 'data', name), { recursive: true });
    }
    await runtime.up(wish);
    expect(await query(1, create('otus_default.after_the_loss'))).not.toMatch('DB::Exception');
    expect(await query(4, 'EXISTS TABLE otus_default.after_the_loss')).toBe('1');
  });

  test('other replication is refused, running or not, and is what it was after the next start', async () => {
    const { runtime } = platform;
    await runtime.up(wish);
    const other = { ...wish, replication: 'distributed-writes' } as const;
    await expect(runtime.up(other)).rejects.toThrow('replication keeper, not distributed-writes');
    await expect(runtime.up({ ...wish, coordinators: 1 })).rejects.toThrow('coordinators 3, not 1');
    await runtime.down();
    await expect(runtime.up(other)).rejects.toThrow('of the engine chdb coordinated by zookeeper');
    expect(await runtime.up({ without: wish.without })).toMatchObject({
      clickhouse: { capabilities: { replication: 'keeper' } },
    });
  });

  // The last one: a node that could not end its session waits for its end when it is started again.
  test('a frozen node is silent until it is thawed, and does not keep the platform from ending', async () => {
    const { runtime } = platform;
    const { clickhouse } = await runtime.up(wish);
    await runtime.freeze('clickhouse-02');
    const state = async () =>
      (await runtime.status()).find(({ name }) => name === 'clickhouse-02')?.state;
    expect(await state()).toBe('not answering');
    await runtime.thaw('clickhouse-02');
    expect(await state()).toBe('ready');
    await runtime.thaw('clickhouse-02');
    await runtime.freeze('clickhouse-02');
    await runtime.freeze(clickhouse.coordination?.servers[0]?.name ?? '');
    const begin = performance.now();
    await runtime.down();
    expect(performance.now() - begin).toBeLessThan(15_000);
    await expectNothingLeft(platform);
  });
});

test('a node comes up while it catches up with statements of a Replicated database', async () => {
  await using platform = await temporaryPlatform();
  const { runtime } = platform;
  const query = await asker(platform, await runtime.up({ ...wish, databaseEngine: 'replicated' }));
  await runtime.kill('clickhouse-03');
  const without = 'SETTINGS distributed_ddl_task_timeout = 0';
  for (let table = 0; table < 40; table += 1) {
    await query(
      1,
      `CREATE TABLE otus_default.t${table} (id UInt32) ENGINE = ReplicatedMergeTree ORDER BY id ${without}`,
    );
  }
  const again = await asker(platform, await runtime.up({ without: wish.without }));
  const count = () => again(3, "SELECT count() FROM system.tables WHERE database = 'otus_default'");
  await until('40', count);
});
