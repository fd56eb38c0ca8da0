import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { renderNodeConfig, type ClusterLogin } from './config.ts';
import { dialectOf } from './dialect.ts';
import { createTopology } from './topology.ts';

const parser = new XMLParser({ parseTagValue: false });
const topology = createTopology();
const nodes = topology.nodes.map((node, index) => ({
  ...node,
  host: '127.0.0.1',
  httpPort: 8123 + index,
  nativePort: 9000 + index,
}));
const nasty = `<&>"' %{}[]\\$#;:/?@ü`;

const render = (clusterLogin: ClusterLogin = { secret: 'secret' }) =>
  parser.parse(
    renderNodeConfig({
      ...{ topology, nodes, clusterLogin, internalReplication: false },
      node: nodes[2]!,
      standalone: {
        listenHosts: ['127.0.0.1'],
        dataFolder: '/data',
        logFile: '/log',
        usersFile: '/users.xml',
      },
    }),
  ).clickhouse;

test('a node knows its macros and listens on its own ports of the loopback address', () => {
  const config = render();
  expect(config.macros).toEqual({ cluster: 'dwh_test', shard: '01', replica: '02' });
  expect([config.listen_host, config.http_port, config.tcp_port]).toEqual([
    '127.0.0.1',
    '8125',
    '9002',
  ]);
});

test('a node has a time zone of its own', () => {
  expect(render().timezone).toBe('UTC');
});

test('the cluster lists each shard with its replicas in order', () => {
  const { shard } = render().remote_servers.dwh_test;
  expect(
    shard.map((one: { replica: { port: string }[] }) => one.replica.map(({ port }) => port)),
  ).toEqual([
    ['9000', '9002'],
    ['9001', '9003'],
  ]);
  expect(shard[0].internal_replication).toBe('false');
});

test('what reads files of the bucket can name no other server, and has keys with special characters as they are', () => {
  const text = renderNodeConfig({
    ...{ topology, nodes, node: nodes[0]!, internalReplication: false },
    ...{
      clusterLogin: { secret: 'secret' },
      bucket: { url: 'http://127.0.0.1:9900/files', accessKey: 'k', secretKey: nasty },
    },
  });
  const { platform_bucket: found, ...others } = new XMLParser({ ignoreAttributes: false }).parse(
    text,
  ).clickhouse.named_collections;
  expect(others).toEqual({});
  expect(found).toEqual({
    url: { '#text': 'http://127.0.0.1:9900/files/', '@_overridable': 'false' },
    access_key_id: { '#text': 'k', '@_overridable': 'false' },
    secret_access_key: { '#text': nasty, '@_overridable': 'false' },
  });
});

test('a cluster secret with special characters is carried as it is', () => {
  expect(render({ secret: nasty }).remote_servers.dwh_test.secret).toBe(nasty);
});

test('where there is no cluster secret, nodes log in with an account', () => {
  const [shard] = render({ user: 'su', password: nasty }).remote_servers.dwh_test.shard;
  expect(shard.replica[1]).toEqual({
    host: '127.0.0.1',
    port: '9002',
    user: 'su',
    password: nasty,
  });
});

test('parts that a merge has replaced stay as long as on a server', () => {
  expect(render().merge_tree).toEqual({ old_parts_lifetime: '480' });
});

test('a node of an old version gets the same in the words that it knows', () => {
  const dialect = dialectOf('18.16.1');
  const text = renderNodeConfig({
    ...{ topology, nodes, dialect, clusterLogin: { user: 'su', password: 'p' } },
    ...{ internalReplication: true, node: nodes[0]! },
  });
  expect(parser.parse(text).yandex.remote_servers.dwh_test).not.toHaveProperty('secret');
});

test('over an image a node only says what the image cannot know', () => {
  const text = renderNodeConfig({
    ...{ topology, nodes, clusterLogin: { secret: 'secret' }, internalReplication: true },
    node: nodes[0]!,
    coordination: {
      servers: [{ host: 'clickhouse-keeper-01', port: 9181 }],
      interserver: { host: 'clickhouse-01', port: 9009, user: 'interserver', password: nasty },
    },
  });
  const config = parser.parse(text).clickhouse;
  expect(config).not.toHaveProperty('path');
  expect(config).not.toHaveProperty('listen_host');
  expect(config.zookeeper.node).toEqual({ host: 'clickhouse-keeper-01', port: '9181' });
  expect(config.interserver_http_credentials).toEqual({ user: 'interserver', password: nasty });
});
