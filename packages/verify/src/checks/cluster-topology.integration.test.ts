import { addressInside } from '@provehouse/infra';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { clusterTopology } from './cluster-topology.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

const failures = async () => {
  const { findings } = await runCheck(clusterTopology, own.context());
  return findings.filter(({ status }) => status !== 'passed');
};

test('a cluster that every node knows as it is passes, node by node', async () => {
  const verdict = await runCheck(clusterTopology, own.context());
  expect(verdict.status).toBe('passed');
  const nodes = verdict.findings.map(({ node, subject }) => node ?? subject);
  expect(nodes).toEqual([
    ...['clickhouse-01', 'clickhouse-02', 'clickhouse-03', 'clickhouse-04'],
    'shard weights',
  ]);
});

/** Where the others find a node, and how its own configuration says that. */
function inConfig(index: number) {
  const { host, nativePort } = addressInside(own.deployment.clickhouse.nodes[index]!);
  const xml = `<host>${host}</host>\\s*<port>${nativePort}</port>`;
  return { address: `${host}:${nativePort}`, replica: RegExp(`<replica>\\s*${xml}\\s*</replica>`) };
}

test('two replicas exchanged on one node fail for that node, with both places', async () => {
  const [first, second] = [inConfig(0), inConfig(1)];
  await using _ = await editedConfig(own, 'clickhouse-03', 'config.xml', (text) => {
    const [one, other] = [first, second].map(({ replica }) => replica.exec(text)?.[0] ?? '');
    return text
      .replace(first.replica, '<exchanged/>')
      .replace(second.replica, one!)
      .replace('<exchanged/>', other!);
  });
  expect(await failures()).toEqual([
    expect.objectContaining({
      status: 'failed',
      node: 'clickhouse-03',
      observed: expect.stringMatching(
        RegExp(`shard 1 replica 1: ${second.address}, not clickhouse-01.*; shard 2 replica 1`),
      ),
    }),
  ]);
});

test('a member too many, a missing one and a cluster that is not there at all fail', async () => {
  const last = inConfig(3).replica;
  {
    await using _ = await editedConfig(own, 'clickhouse-01', 'config.xml', (text) =>
      text.replace(last, ''),
    );
    expect(await failures()).toMatchObject([
      {
        node: 'clickhouse-01',
        observed: expect.stringMatching(/^shard 2 replica 2: nobody, not clickhouse-04/),
      },
    ]);
  }
  {
    await using _ = await editedConfig(own, 'clickhouse-01', 'config.xml', (text) =>
      text.replace(last, (replica) => replica + replica),
    );
    expect(await failures()).toMatchObject([
      {
        node: 'clickhouse-01',
        observed: expect.stringMatching(/^shard 2 replica 3: .*, not nobody/),
      },
    ]);
  }
  {
    await using _ = await editedConfig(own, 'clickhouse-01', 'config.xml', (text) =>
      text.replaceAll('dwh_test>', 'another>'),
    );
    expect((await failures()).map(({ node, subject }) => node ?? subject)).toEqual([
      'clickhouse-01',
      'shard weights',
    ]);
  }
});

test('a further cluster that one node knows, of the same hosts in other shards, passes', async () => {
  await using _ = await editedConfig(own, 'clickhouse-03', 'config.xml', (text) =>
    text.replace(
      /<dwh_test>[^]*<\/dwh_test>/,
      (cluster) =>
        cluster +
        cluster
          .replaceAll('dwh_test>', 'staging>')
          .replaceAll('<shard>', '<shard><weight>2</weight>'),
    ),
  );
  expect(await failures()).toEqual([]);
});

test('a weight that only one node has fails for the weights', async () => {
  await using _ = await editedConfig(own, 'clickhouse-02', 'config.xml', (text) =>
    text.replace('<shard>\n        <', '<shard>\n        <weight>3</weight>\n        <'),
  );
  expect(await failures()).toMatchObject([
    { subject: 'shard weights', observed: expect.stringContaining('clickhouse-02 has 1: 3, 2: 1') },
  ]);
});

test('a wrong replication mode on one node fails for that node', async () => {
  await using _ = await editedConfig(own, 'clickhouse-04', 'config.xml', (text) =>
    text.replaceAll('<internal_replication>false', '<internal_replication>true'),
  );
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-04', observed: expect.stringContaining('internal_replication true') },
  ]);
});

test('a node that is down is inconclusive, and the others are judged', async () => {
  await own.runtime.stop('clickhouse-02');
  const { status, findings } = await runCheck(clusterTopology, own.context());
  await own.runtime.start('clickhouse-02');
  expect(status).toBe('inconclusive');
  expect(findings.filter((finding) => finding.status === 'passed')).toHaveLength(4);
});
