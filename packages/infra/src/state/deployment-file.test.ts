import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deployment } from './deployment.ts';
import {
  DeploymentError,
  parseDeployment,
  readDeployment,
  writeDeployment,
} from './deployment-file.ts';

const deployment: Deployment = {
  formatVersion: 1,
  name: 'local',
  runtime: 'native',
  engine: 'chdb',
  createdAt: '2026-01-02T03:04:05.000Z',
  clickhouse: {
    cluster: 'dwh_test',
    database: 'otus_default',
    internalReplication: false,
    version: '26.7.2.1',
    nodes: [
      {
        ...{ name: 'clickhouse-01', shard: '01', replica: '01' },
        ...{ host: '127.0.0.1', httpPort: 8123, nativePort: 9000 },
      },
    ],
    capabilities: {
      replication: 'distributed-writes',
      distributedDdl: false,
      exchangeTables: true,
      replicatedDatabase: false,
      sqlUsers: false,
    },
    users: { administrator: 'su', reader: 'bi_user' },
  },
  components: [],
  secretsFile: '/somewhere/secrets.env',
  logFolders: [],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a written deployment is read back the same, and no draft stays', async () => {
  const file = join(folder, 'deployment.json');
  await writeDeployment(file, deployment);
  expect(await readDeployment(file)).toEqual(deployment);
  expect(await readdir(folder)).toEqual(['deployment.json']);
});

test('what a deployment of before does not say of its database is that it is not Replicated', () => {
  const { replicatedDatabase: _, ...capabilities } = deployment.clickhouse.capabilities;
  const before = { ...deployment, clickhouse: { ...deployment.clickhouse, capabilities } };
  expect(parseDeployment(JSON.stringify(before), 'my.json')).toEqual(deployment);
});

test('an absent file is an error that says how to get one', async () => {
  await expect(readDeployment(join(folder, 'none.json'))).rejects.toThrow(/infra:up/);
});

test('text that is not JSON is named with its source', () => {
  expect(() => parseDeployment('{', 'my.json')).toThrow(/^my\.json is not JSON/);
});

test('every wrong field is named at once', () => {
  const wrong = {
    ...deployment,
    runtime: 'moon',
    clickhouse: { ...deployment.clickhouse, nodes: [] },
  };
  const parse = () => parseDeployment(JSON.stringify(wrong), 'my.json');
  expect(parse).toThrow(DeploymentError);
  expect(parse).toThrow(/at runtime[\s\S]*at clickhouse\.nodes/);
});

test('an unknown field is refused, so that a misspelt one is not ignored', () => {
  const wrong = { ...deployment, airflw: {} };
  expect(() => parseDeployment(JSON.stringify(wrong), 'my.json')).toThrow(/airflw/);
});

/** A deployment whose second node differs from the first as given. */
const withSecond = (second: object): string => {
  const { clickhouse } = deployment;
  const [first] = clickhouse.nodes;
  const other = {
    ...first,
    name: 'clickhouse-02',
    replica: '02',
    httpPort: 8124,
    nativePort: 9001,
  };
  const nodes = [first, { ...other, ...second }];
  return JSON.stringify({ ...deployment, clickhouse: { ...clickhouse, nodes } });
};

test.each([
  [{ name: 'clickhouse-01' }, 'clickhouse-01 has the name clickhouse-01 already'],
  [{ httpPort: 8123 }, 'clickhouse-01 has the address 127.0.0.1:8123 already'],
  [{ nativePort: 9000 }, 'clickhouse-01 has the address 127.0.0.1:9000 already'],
  [{ replica: '01' }, 'clickhouse-01 has shard 01 replica 01 already'],
])('what another node is already is refused: %j', (second, message) => {
  expect(() => parseDeployment(withSecond(second), 'my.json')).toThrow(message);
});

test.each(['https://clickhouse', 'clickhouse:8443', '[::1]', 'a/b', 'a b', ''])(
  'a host is a name or an address alone: %j is refused with its node, field and value',
  (host) => {
    expect(() => parseDeployment(withSecond({ host }), 'my.json')).toThrow(
      `→ at clickhouse.nodes[1].host of clickhouse-02, found ${JSON.stringify(host)}`,
    );
  },
);

test.each([
  '::1',
  'localhost',
  'ch-1.dwh.example',
  'clickhouse_1',
  'fe80::1%eth0',
  'bücher.example',
])('the host %s is accepted', (host) => {
  expect(parseDeployment(withSecond({ host }), 'my.json').clickhouse.nodes[1]?.host).toBe(host);
});

test('shards and replicas are called as their macros are', () => {
  const named = withSecond({ shard: 'eu-west', replica: 'dwh-05-01-1' });
  expect(parseDeployment(named, 'my.json').clickhouse.nodes[1]).toMatchObject({
    shard: 'eu-west',
    replica: 'dwh-05-01-1',
  });
});
