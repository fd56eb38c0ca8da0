import { getContainerRuntimeClient } from 'testcontainers';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ask } from '../test/ask.ts';
import { remaining, tracesOfClusters, volumesOf } from '../test/traces.ts';
import { ClickHouseCluster } from './clickhouse-cluster.ts';
import { ClusterStartError } from './cluster-start-error.ts';

const unavailable = inject('unavailable');

const described = () => new ClickHouseCluster(inject('image')).withKeepers(0);
const single = () => described().withTopology({ shards: 1, replicas: 1 });

async function inspectAll(ids: readonly string[]) {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  return Promise.all(ids.map((id) => dockerode.getContainer(id).inspect()));
}

describe.skipIf(unavailable)(`the life of a cluster ${unavailable}`, () => {
  afterEach(async () => {
    expect(await tracesOfClusters()).toEqual({ containers: [], networks: [] });
  });

  it('is there within its block and leaves nothing, whatever the state of its nodes', async () => {
    let volumes: string[];
    {
      await using cluster = await described().start();
      const { containers, networks } = await tracesOfClusters();
      expect(containers).toHaveLength(4);
      expect(networks).toHaveLength(1);
      volumes = await volumesOf(containers);
      expect(volumes.length).toBeGreaterThanOrEqual(4);
      expect(await remaining(volumes)).toHaveLength(volumes.length);
      await cluster.node('clickhouse-01').kill();
      await cluster.node('clickhouse-02').pause();
      await cluster.isolate('clickhouse-03');
    }
    expect(await remaining(volumes)).toEqual([]);
    // That no container and no network is left is seen after each test.
  });

  it('can be stopped twice', async () => {
    const cluster = await single().start();
    await cluster.stop();
    await expect(cluster.stop()).resolves.toBeUndefined();
  });

  it('publishes ports where this process alone, or this machine, reaches them', async () => {
    await using cluster = await single().start();
    const [container] = await inspectAll(cluster.nodes.map(({ containerId }) => containerId));
    const bindings = Object.values(container!.NetworkSettings.Ports).flatMap((list) => list ?? []);
    expect(bindings).toHaveLength(2);
    for (const { HostIp } of bindings) expect(HostIp).toBe(cluster.nodes[0]!.host);
  });

  it('knows its users by their passwords, and nobody finds those in the container', async () => {
    const password = `p<&>"'ä${'x'.repeat(12)}`;
    await using cluster = await single()
      .withUser({ name: 'chief', password })
      .withReader({ name: 'guest' })
      .start();
    const [node] = cluster.nodes;
    expect(await ask(node!.client(), 'SELECT currentUser()')).toEqual(['chief']);
    const client = createClient({
      ...node!.clientOptions(cluster.reader),
      log: { level: ClickHouseLogLevel.OFF },
    });
    try {
      expect(await ask(client, 'SELECT currentUser()')).toEqual(['guest']);
      const query = 'CREATE TABLE t (id UInt8) ENGINE = Memory';
      await expect(client.command({ query })).rejects.toThrow(/privileges|readonly/);
    } finally {
      await client.close();
    }
    for (const wrong of ['', 'wrong']) {
      const login = { 'X-ClickHouse-User': 'chief', 'X-ClickHouse-Key': wrong };
      const { status } = await fetch(`${node!.httpUrl}/?query=SELECT+1`, { headers: login });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    const [container] = await inspectAll([node!.containerId]);
    const said = JSON.stringify(container) + (await node!.logs());
    for (const account of [cluster.administrator, cluster.reader]) {
      expect(said).not.toContain(account.password);
    }
  });

  it('merges configuration of the test over its own', async () => {
    const limit =
      '<clickhouse><profiles><default><max_threads>3</max_threads></default></profiles></clickhouse>';
    await using cluster = await single()
      .withConfiguration({ 'users.d/threads.xml': limit })
      .start();
    expect(await ask(cluster.client(), "SELECT getSetting('max_threads')")).toEqual([3]);
  });

  it('a start that fails tells whose fault it was, with its last lines, and leaves nothing', async () => {
    const broken = described().withConfiguration({ 'config.d/broken.xml': '<clickhouse><open>' });
    const error: unknown = await broken.start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClusterStartError);
    const { message, member, log, cause } = error as ClusterStartError;
    expect(member).toMatch(/^clickhouse-0[1-4]$/);
    expect(message).toContain(`${member}: its container ended with code`);
    expect(log).toContain('broken.xml');
    expect(message).toContain(log);
    expect(cause).toBeInstanceOf(Error);
  });

  it('a start that takes too long says what was waited for, and leaves nothing', async () => {
    const impatient = single().withStartupTimeout(1);
    await expect(impatient.start()).rejects.toThrow(/clickhouse-01: not ready after 0\.001 s: ./);
  });

  it('a start that is interrupted rejects with the reason and leaves nothing', async () => {
    const interruption = new AbortController();
    const start = described().start({ signal: interruption.signal });
    const reason = new Error('no longer needed');
    await vi.waitFor(async () => expect((await tracesOfClusters()).containers).not.toEqual([]));
    interruption.abort(reason);
    await expect(start).rejects.toBe(reason);
  });

  it('clusters at the same time do not know each other', async () => {
    const [left, right] = await Promise.all([single().start(), single().start()]);
    await using first = left;
    await using second = right;
    await first.client().command({ query: 'CREATE TABLE here (id UInt8) ENGINE = Memory' });
    expect(await ask(second.client(), 'SHOW TABLES')).toEqual([]);
  });

  it('an image that is nowhere is named', async () => {
    const start = new ClickHouseCluster('localhost/provehouse/no-such-image:1').start();
    await expect(start).rejects.toThrow('localhost/provehouse/no-such-image:1 is not here');
  });
});
