import { generateSecrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { createTopology } from '../clickhouse/topology.ts';
import { connectionsOf, type ConnectionOptions } from './connections.ts';

const options: ConnectionOptions = {
  secrets: generateSecrets(),
  topology: createTopology({ shards: 1, replicas: 1 }),
  nodes: [],
  capabilities: {
    replication: 'keeper',
    ...{ distributedDdl: true, exchangeTables: true, replicatedDatabase: false },
  },
};
const idsOf = (given: ConnectionOptions): string[] =>
  connectionsOf(given).map(({ connection_id }) => connection_id);

test('a platform with the API has a connection that leads to it, with the token as its password', () => {
  const api = { host: '127.0.0.1', port: 8090, token: 'of the platform' };
  expect(connectionsOf({ ...options, api })).toContainEqual({
    ...{ connection_id: 'api_default', conn_type: 'http', schema: 'http' },
    ...{ host: '127.0.0.1', port: 8090, password: 'of the platform' },
  });
});

test('a platform with a bucket has a connection that leads to it, with the keys as its login', () => {
  const storage = {
    ...{ endpoint: 'http://127.0.0.1:9900', region: 'us-east-1', bucket: 'files' },
    ...{ accessKey: 'of tasks', secretKey: 'secret words' },
  };
  expect(connectionsOf({ ...options, storage })).toContainEqual({
    ...{ connection_id: 'storage_default', conn_type: 'aws' },
    ...{ login: 'of tasks', password: 'secret words' },
    extra: JSON.stringify({
      ...{ endpoint_url: 'http://127.0.0.1:9900', region_name: 'us-east-1' },
      config_kwargs: { s3: { addressing_style: 'path' } },
      service_config: { s3: { bucket_name: 'files' } },
    }),
  });
});

test('what a platform lacks has no connection', () => {
  expect(idsOf(options)).toEqual(['clickhouse_default', 'kafka_default']);
});
