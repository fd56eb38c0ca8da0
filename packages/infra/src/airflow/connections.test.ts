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

test('what a platform lacks has no connection', () => {
  expect(idsOf(options)).toEqual(['clickhouse_default', 'kafka_default']);
});
