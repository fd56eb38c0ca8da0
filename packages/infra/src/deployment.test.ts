import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  DeploymentError,
  parseDeployment,
  readDeployment,
  writeDeployment,
  type Deployment,
} from './deployment.ts';

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
