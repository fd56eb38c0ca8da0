import { afterEach, expect, it, vi } from 'vitest';
import { ClickHouseCluster } from './clickhouse-cluster.ts';
import { ClusterOptionError } from './cluster-options.ts';

const described = () => new ClickHouseCluster('clickhouse/clickhouse-server:26.3');

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each<[string, () => unknown, string]>([
  ['an image without a tag', () => new ClickHouseCluster('clickhouse'), 'image: expected an image'],
  ['no shards', () => described().withTopology({ shards: 0 }), '"shards":0'],
  ['half a replica', () => described().withTopology({ replicas: 1.5 }), '"replicas":1.5'],
  ['a quote in the cluster', () => described().withTopology({ cluster: "a'b" }), `found "a'b"`],
  ['an even number of Keepers', () => described().withKeepers(2), 'withKeepers: expected 0, 1, 3'],
  ['a Keeper image without a tag', () => described().withKeeperImage('keeper'), 'found "keeper"'],
  ['a sidecar without a tag', () => described().withSidecarImage('shell'), 'withSidecarImage'],
  [
    'a database to quote',
    () => described().withDatabase('my-db'),
    'withDatabase: expected letters',
  ],
  ['the user default', () => described().withUser({ name: 'default' }), 'withUser.name'],
  ['an empty password', () => described().withReader({ name: 'r', password: '' }), 'a password'],
  ['a time of nothing', () => described().withStartupTimeout(0), 'withStartupTimeout: expected'],
  [
    'a file elsewhere',
    () => described().withConfiguration({ '../etc/passwd': '' }),
    'found "../etc/passwd"',
  ],
  [
    "a file of the cluster's own",
    () => described().withConfiguration({ 'config.d/provehouse.xml': '' }),
    'does not begin with "provehouse"',
  ],
])('refuses %s and says what was found', (_, describe, message) => {
  expect(describe).toThrow(ClusterOptionError);
  expect(describe).toThrow(message);
});

it.each([
  ['clickhouse-05', { http: 20_000, native: 20_001 }, 'clickhouse-04, found "clickhouse-05"'],
  [
    'clickhouse-01',
    { http: 0, native: 20_001 },
    'withFixedPorts.clickhouse-01.http: expected a port',
  ],
  ['clickhouse-01', { http: 20_000, native: 20_000 }, 'expected a port that is given once'],
])('refuses fixed ports of %s that are %o', async (name, ports, message) => {
  const start = described()
    .withFixedPorts({ [name]: ports })
    .start();
  await expect(start).rejects.toThrow(ClusterOptionError);
  await expect(start).rejects.toThrow(message);
});

it('takes the image of the environment unless one is given', () => {
  vi.stubEnv('PROVEHOUSE_CLICKHOUSE_IMAGE', 'untagged');
  expect(() => new ClickHouseCluster()).toThrow('PROVEHOUSE_CLICKHOUSE_IMAGE: expected');
  expect(described).not.toThrow();
});

it('does not start when it is interrupted before', async () => {
  const reason = new Error('no longer needed');
  await expect(described().start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
