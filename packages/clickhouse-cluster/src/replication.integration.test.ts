import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ask } from '../test/ask.ts';
import { ClickHouseCluster } from './clickhouse-cluster.ts';
import type { StartedClickHouseCluster } from './started-cluster.ts';

const unavailable = inject('noReplication');

describe.skipIf(unavailable)(`a cluster with Keepers ${unavailable}`, () => {
  let cluster: StartedClickHouseCluster;
  const rowsOf = async (name: string) => {
    const client = cluster.node(name).client();
    await client.command({ query: 'SYSTEM SYNC REPLICA events' });
    return (await ask(client, 'SELECT count() FROM events'))[0];
  };

  beforeAll(async () => {
    cluster = await new ClickHouseCluster(inject('image')).start();
    await cluster.client().command({
      query: `CREATE TABLE events ON CLUSTER dwh_test (id UInt32)
              ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/events', '{replica}')
              ORDER BY id`,
    });
  });
  afterAll(() => cluster.stop());

  it('replicates what is written on one replica, within its shard only', async () => {
    const query = 'INSERT INTO events SELECT number FROM numbers(10)';
    await cluster.node('clickhouse-01').client().command({ query });
    expect(await rowsOf('clickhouse-03')).toBe(10);
    expect(await rowsOf('clickhouse-02')).toBe(0);
  });

  it('goes on with a Keeper less', async () => {
    await cluster.keeper('clickhouse-keeper-01').kill();
    const query = 'INSERT INTO events SELECT number FROM numbers(10, 10)';
    await cluster.node('clickhouse-01').client().command({ query });
    expect(await rowsOf('clickhouse-03')).toBe(20);
    await cluster.keeper('clickhouse-keeper-01').start();
  });

  it('brings a replica that was cut off up to date when it is reconnected', async () => {
    await cluster.isolate('clickhouse-03');
    const query = 'INSERT INTO events SELECT number FROM numbers(20, 10)';
    await cluster.node('clickhouse-01').client().command({ query });
    expect(await ask(cluster.node('clickhouse-03').client(), 'SELECT count() FROM events')).toEqual(
      [20],
    );
    await cluster.reconnect('clickhouse-03');
    expect(await rowsOf('clickhouse-03')).toBe(30);
  });
});
