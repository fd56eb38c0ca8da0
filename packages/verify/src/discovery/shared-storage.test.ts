import { QueryError } from '@provehouse/infra/clickhouse';
import { expect, test } from 'vitest';
import type { ClusterContext } from '../check.ts';
import { comparableDefinition } from '../clickhouse/definition-text.ts';
import { withoutReplication } from '../clickhouse/replicated.ts';
import type { UserTable } from '../clickhouse/user-tables.ts';
import { askCapabilities } from './ask-capabilities.ts';
import { chooseCluster } from './choose-cluster.ts';
import { contractTables } from './contract-tables.ts';
import type { ListedMember } from './listed-member.ts';
import { statedTable } from './stated-table.ts';

// A service of ClickHouse Cloud, as its documentation shows it: none was at hand.
const ENGINE = `SharedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version) ORDER BY id SETTINGS index_granularity = 8192`;
const orders: UserTable = {
  ...{ database: 'shop', name: 'orders', commonName: 'orders', engine: 'SharedReplacingMergeTree' },
  ...{ engineFull: ENGINE, definition: '', uuid: undefined, dependents: [] },
};

/** Coordination is not shown to accounts; the database is of the engine Shared. */
const service = {
  query: async (sql: string): Promise<never> => {
    if (sql.includes('system.zookeeper')) throw new QueryError('ACCESS_DENIED', '497');
    return [{ found: sql.includes("'Shared'") ? 1 : 0 }] as never;
  },
};

test('tables on shared storage are replicated, and what has no state is skipped with the reason', async () => {
  const capabilities = await askCapabilities(service, 'shop', [orders]);
  expect(capabilities).toEqual({
    ...{ replication: 'shared', distributedDdl: false, exchangeTables: true },
    ...{ replicatedDatabase: false, sqlUsers: false },
  });
  const context = { deployment: { clickhouse: { capabilities } } } as unknown as ClusterContext;
  expect(withoutReplication(context)).toMatchObject({
    ...{ status: 'skipped', reason: expect.stringContaining('SharedMergeTree') },
  });
});

test('the cluster of a service is the one that is of no group', () => {
  const member = (cluster: string, replica_num: number): ListedMember => ({
    ...{ cluster, shard_num: 1, shard_weight: 1, replica_num, port: 9000, is_local: 0 },
    ...{ host_name: `c-blue-server-${replica_num}.example`, host_address: '10.0.0.1' },
  });
  const members = ['all_groups.default', 'default'].flatMap((name) => [
    ...[member(name, 1), member(name, 2)],
  ]);
  expect(chooseCluster(members, { named: [] })).toBe('default');
});

test('their rows are judged, and their definitions without paths and names of replicas', () => {
  const keys = { partition: '', sorting: 'id' };
  const { tables } = contractTables([orders], 'default', new Map([['shop.orders', keys]]));
  expect(tables).toEqual([{ name: 'orders', database: 'shop', kind: 'table' }]);
  expect(statedTable(orders, keys, []).engine).toBe('SharedReplacingMergeTree(version)');
  const other = ENGINE.replace("'{replica}'", "'another'");
  expect(comparableDefinition(ENGINE)).toBe(comparableDefinition(other));
});
