import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { ask } from '../test/ask.ts';
import { ClickHouseCluster } from './clickhouse-cluster.ts';
import type { StartedClickHouseCluster } from './started-cluster.ts';

const unavailable = inject('noReplication');

describe.skipIf(unavailable)(`a cluster with Keepers ${unavailable}`, () => {
  let cluster: StartedClickHouseCluster;
  const command = (name: string, query: string) => cluster.node(name).client().command({ query });
  const answer = async (name: string, query: string) =>
    (await ask(cluster.node(name).client(), query))[0];
  const insert = (rows: string) =>
    command('clickhouse-01', `INSERT INTO events SELECT number FROM ${rows}`);
  const rowsOf = async (name: string) => {
    await command(name, 'SYSTEM SYNC REPLICA events');
    return answer(name, 'SELECT count() FROM events');
  };

  beforeAll(async () => {
    cluster = await new ClickHouseCluster(inject('image'))
      .withKeeperImage(inject('keeperImage'))
      .start();
    const engine = "ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}')";
    await command(
      'clickhouse-01',
      `CREATE TABLE events ON CLUSTER dwh_test (id UInt32) ENGINE = ${engine} ORDER BY id`,
    );
  });
  afterAll(() => cluster.stop());

  it('has made the table on every node', async () => {
    const engines = cluster.nodes.map(({ name }) =>
      answer(name, "SELECT engine FROM system.tables WHERE name = 'events'"),
    );
    expect(await Promise.all(engines)).toEqual(Array(4).fill('ReplicatedMergeTree'));
  });

  it('replicates what is written on one replica, within its shard only', async () => {
    await insert('numbers(10)');
    expect(await rowsOf('clickhouse-03')).toBe(10);
    expect(await rowsOf('clickhouse-02')).toBe(0);
  });

  it('goes on with a Keeper less', async () => {
    await cluster.keeper('clickhouse-keeper-01').kill();
    await insert('numbers(10, 10)');
    expect(await rowsOf('clickhouse-03')).toBe(20);
    await cluster.keeper('clickhouse-keeper-01').start();
  });

  it('brings a replica that was cut off up to date when it is reconnected', async () => {
    await cluster.isolate('clickhouse-03');
    await insert('numbers(20, 10)');
    expect(await answer('clickhouse-03', 'SELECT count() FROM events')).toBe(20);
    await cluster.reconnect('clickhouse-03');
    expect(await rowsOf('clickhouse-03')).toBe(30);
  });

  it('executes a statement ON CLUSTER on a node that was gone when it is back', async () => {
    const node = cluster.node('clickhouse-04');
    await node.kill();
    const create = 'CREATE TABLE later ON CLUSTER dwh_test (id UInt8) ENGINE = Memory';
    // Does not wait for all nodes.
    await command('clickhouse-01', `${create} SETTINGS distributed_ddl_task_timeout = 0`);
    await node.start();
    await vi.waitFor(
      async () => expect(await answer('clickhouse-04', 'EXISTS TABLE later')).toBe(1),
      { timeout: 60_000, interval: 100 },
    );
  });
});
