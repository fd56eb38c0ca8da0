import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  hasServer,
  LOCAL,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { replicaPaths } from './replica-paths.ts';

const COLUMNS = `(id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime)`;

describe.skipIf(!hasServer)('replica-paths (skipped where no ClickHouse server is)', () => {
  let own: ReplicatedCluster;
  beforeAll(async () => {
    own = await startReplicatedCluster();
  });
  beforeEach(() => own.load());
  afterAll(() => own?.[Symbol.asyncDispose]());

  /** Makes the table anew on one node with another path or name. */
  const remake = async (node: string, path: string, replica: string): Promise<void> => {
    const { command } = own.cluster.node(node);
    await command(`DROP TABLE ${LOCAL}`);
    await command(
      `CREATE TABLE ${LOCAL} ${COLUMNS} ENGINE = ReplicatedMergeTree('${path}', '${replica}')
       PARTITION BY toYYYYMM(created_at) ORDER BY id`,
    );
  };
  const failures = async () =>
    (await runCheck(replicaPaths, own.context())).findings.filter((f) => f.status === 'failed');

  test('replicas where the macros say pass', async () => {
    expect((await runCheck(replicaPaths, own.context())).status).toBe('passed');
  });

  test('a replica with another name than its macro fails', async () => {
    await remake('clickhouse-03', '/clickhouse/tables/01/otus_default/named', 'other');
    expect(await failures()).toContainEqual(
      expect.objectContaining({ node: 'clickhouse-03', observed: 'other' }),
    );
  });

  test('replicas of one shard that never meet fail', async () => {
    await remake('clickhouse-03', '/clickhouse/tables/01/otus_default/elsewhere', '02');
    const subjects = (await failures()).map(({ subject }) => subject);
    expect(subjects).toContain('hw16_demo_products_local, shard 01');
  });

  test('two shards that share a path fail', async () => {
    const path = await own.load();
    await remake('clickhouse-04', `/clickhouse/tables/01/otus_default/${path}`, '04');
    const found = await failures();
    expect(found.map(({ observed }) => observed).join()).toContain('also on clickhouse-04');
  });

  test('a node without the table fails', async () => {
    await own.cluster.node('clickhouse-02').command(`DROP TABLE ${LOCAL}`);
    expect(await failures()).toContainEqual(
      expect.objectContaining({ node: 'clickhouse-02', observed: 'none in system.replicas' }),
    );
  });
});
