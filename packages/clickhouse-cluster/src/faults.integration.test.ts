import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ask } from '../test/ask.ts';
import { reaches } from '../test/reaches.ts';
import { ClickHouseCluster } from './clickhouse-cluster.ts';
import { ClusterOptionError } from './cluster-options.ts';
import { MemberError } from './member-error.ts';
import type { StartedClickHouseCluster } from './started-cluster.ts';

const unavailable = inject('unavailable');

/** A query over all shards that gives up soon. */
const COUNT = `SELECT count() FROM facts.whole SETTINGS connect_timeout_with_failover_ms = 300,
  connections_with_failover_max_tries = 1, receive_timeout = 3,
  skip_unavailable_shards = 0`;

describe.skipIf(unavailable)(`a started cluster ${unavailable}`, () => {
  let cluster: StartedClickHouseCluster;
  const count = async (node: string, table: string) =>
    (await ask(cluster.node(node).client(), `SELECT count() FROM facts.${table}`))[0];

  beforeAll(async () => {
    cluster = await new ClickHouseCluster(inject('image'))
      .withTopology({ cluster: 'tested' })
      .withKeepers(0)
      .withDatabase('facts')
      .start();
    for (const node of cluster.nodes) {
      const create = 'CREATE TABLE facts.part (id UInt32) ENGINE = MergeTree ORDER BY id';
      await node.client().command({ query: create });
      await node.client().command({
        query: `CREATE TABLE facts.whole AS facts.part
                ENGINE = Distributed(tested, facts, part, id)`,
      });
    }
    const query = 'INSERT INTO facts.whole SELECT number FROM numbers(1000)';
    await cluster.client().command({ query });
  });

  afterAll(() => cluster.stop());

  it('has nodes that answer as themselves, each at a port of its own', async () => {
    const names = cluster.nodes.map(({ client }, index) =>
      ask(client.call(cluster.nodes[index]!), 'SELECT displayName()'),
    );
    expect((await Promise.all(names)).flat()).toEqual(cluster.nodes.map(({ name }) => name));
    expect(new Set(cluster.nodes.map(({ httpUrl }) => httpUrl)).size).toBe(4);
    expect(new Set(cluster.nodes.map(({ nativePort }) => nativePort)).size).toBe(4);
  });

  it('puts rows written through a Distributed table on every replica of their shard', async () => {
    const counts = cluster.nodes.map(async ({ name, shard }) => [shard, await count(name, 'part')]);
    expect(await Promise.all(counts)).toEqual([
      ['01', 500],
      ['02', 500],
      ['01', 500],
      ['02', 500],
    ]);
  });

  it('names the members that there are when asked for another', () => {
    expect(() => cluster.node('clickhouse-05')).toThrow(ClusterOptionError);
    expect(() => cluster.node('clickhouse-05')).toThrow('clickhouse-01, clickhouse-02');
    expect(() => cluster.keeper('clickhouse-keeper-01')).toThrow('there are none');
  });

  it.each(['stop', 'kill'] as const)(
    'after %s() a node is gone and the others answer; start() brings it back with its rows',
    async (verb) => {
      const node = cluster.node('clickhouse-03');
      const url = node.httpUrl;
      await node[verb]();
      await expect(fetch(`${url}/ping`)).rejects.toThrow();
      expect(() => node.client()).toThrow(MemberError);
      expect(await ask(cluster.client(), COUNT)).toEqual([1000]);
      await node.start();
      expect(await count('clickhouse-03', 'part')).toBe(500);
      expect(await count('clickhouse-03', 'whole')).toBe(1000);
    },
  );

  it('a shard without a node that runs fails a query over all', async () => {
    const gone = ['clickhouse-02', 'clickhouse-04'].map((name) => cluster.node(name));
    await Promise.all(gone.map((node) => node.kill()));
    await expect(ask(cluster.client(), COUNT)).rejects.toThrow(/clickhouse-0[24]:9000/);
    await Promise.all(gone.map((node) => node.start()));
    expect(await ask(cluster.client(), COUNT)).toEqual([1000]);
  });

  it('a paused node answers nothing until it is unpaused, and then what it was asked', async () => {
    const node = cluster.node('clickhouse-04');
    await node.pause();
    const answer = ask(node.client(), 'SELECT 1');
    const first = await Promise.race([answer, sleep(1_000, 'no answer')]);
    expect(first).toBe('no answer');
    await node.unpause();
    expect(await answer).toEqual([1]);
  });

  it('tells what a member cannot do in its state', async () => {
    const node = cluster.node('clickhouse-04');
    await expect(node.unpause()).rejects.toThrow(
      /^clickhouse-04: cannot be unpaused: .*not paused/,
    );
    await expect(node.unpause()).rejects.toBeInstanceOf(MemberError);
  });

  it('a cut parts its two ends, and nobody else, until they are reconnected', async () => {
    const [first, second, third] = ['clickhouse-01', 'clickhouse-02', 'clickhouse-03'] as const;
    await cluster.disconnect(first, second);
    expect(await reaches(cluster, first, second)).toBe(false);
    expect(await reaches(cluster, second, first)).toBe(false);
    expect(await reaches(cluster, first, third)).toBe(true);
    expect(await reaches(cluster, third, second)).toBe(true);
    // The test reaches both.
    expect(await count(first, 'part')).toBe(500);
    expect(await count(second, 'part')).toBe(500);
    await cluster.reconnect(first, second);
    expect(await reaches(cluster, first, second)).toBe(true);
    expect(await ask(cluster.client(), COUNT)).toEqual([1000]);
  });

  it('a cut lasts when one of its ends is started again', async () => {
    await cluster.isolate('clickhouse-02');
    await cluster.node('clickhouse-02').stop();
    await cluster.node('clickhouse-02').start();
    expect(await reaches(cluster, 'clickhouse-02', 'clickhouse-01')).toBe(false);
    expect(await reaches(cluster, 'clickhouse-04', 'clickhouse-02')).toBe(false);
    expect(await count('clickhouse-02', 'part')).toBe(500);
    await cluster.reconnect('clickhouse-02');
    expect(await reaches(cluster, 'clickhouse-02', 'clickhouse-01')).toBe(true);
    expect(await ask(cluster.node('clickhouse-02').client(), COUNT)).toEqual([1000]);
  });
});
