import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { allowing } from '../../test/allowing.ts';
import { configFiles } from '../../test/config-files.ts';
import { editedConfig } from '../../test/edited-config.ts';
import {
  COLUMNS,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { internalReplication } from './internal-replication.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await own.load(10);
});
afterAll(() => own?.[Symbol.asyncDispose]());

const everywhere = (sql: string) =>
  Promise.all(own.cluster.nodes.map(({ command }) => command(sql)));
const failures = async (context = own.context(10)) =>
  (await runCheck(internalReplication, context)).findings.filter((f) => f.status !== 'passed');

/** A Distributed table over a plain one on every node. */
async function overPlain(): Promise<AsyncDisposable> {
  await everywhere(`CREATE TABLE otus_default.plain ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
  await everywhere(
    `CREATE TABLE otus_default.wide AS otus_default.plain
     ENGINE = Distributed('{cluster}', otus_default, plain, id)`,
  );
  return {
    async [Symbol.asyncDispose]() {
      await everywhere('DROP TABLE otus_default.wide SYNC');
      await everywhere('DROP TABLE otus_default.plain SYNC');
    },
  };
}

test('Distributed tables that write to one replica over replicated tables pass', async () => {
  const { status, findings } = await runCheck(internalReplication, own.context(10));
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual(
    Array(4).fill('1 Distributed tables, each as the table below it'),
  );
});

test('a node that writes to every replica of a replicated table fails', async () => {
  const host = { runtime: own.runtime, ...configFiles(own.runtime) };
  await using _ = await editedConfig(host, 'clickhouse-02', 'config.xml', (text) =>
    text.replaceAll('<internal_replication>true', '<internal_replication>false'),
  );
  expect(await failures()).toMatchObject([
    {
      ...{ status: 'failed', node: 'clickhouse-02', subject: 'otus_default.hw16_demo_products' },
      observed:
        'writes to every replica of dwh_test over otus_default.hw16_demo_products_local, which is ReplicatedMergeTree',
    },
  ]);
});

test('one replica of a plain table fails, unless the contract says that it is plain on purpose', async () => {
  await using tables = await overPlain();
  expect(tables).toBeDefined();
  const found = await failures();
  expect(found.map(({ node }) => node)).toEqual(own.deployment.clickhouse.nodes.map((n) => n.name));
  expect(found[0]?.observed).toContain('writes to one replica of dwh_test over otus_default.plain');
  const name = 'otus_default.plain';
  const allowed = { kind: 'unreplicated-table', name, reason: 'a share on each node' };
  expect(await failures(allowing(own.context(10), allowed))).toEqual([]);
});

test('Distributed tables over views, tables of other families and tables that are nowhere are not judged', async () => {
  await everywhere('CREATE VIEW otus_default.one AS SELECT 1 AS a');
  const distributed = (name: string, over: string) =>
    everywhere(
      `CREATE TABLE otus_default.${name} (a UInt8) ENGINE = Distributed(dwh_test, otus_default, ${over})`,
    );
  await distributed('over_view', 'one');
  await distributed('over_nothing', 'nowhere');
  const found = await failures();
  for (const table of ['over_view', 'over_nothing', 'one']) {
    await everywhere(`DROP TABLE otus_default.${table} SYNC`);
  }
  expect(found).toEqual([]);
});

test('a server that does not show internal_replication is skipped, with what to look at', async () => {
  const { status, findings } = await runCheck(internalReplication, withoutFlag(own.context(10)));
  expect(status).toBe('skipped');
  expect(findings[0]?.reason).toContain('remote_servers');
});

/** A cluster whose answers lack the column, as those of old servers do. */
function withoutFlag(context: ClusterContext): ClusterContext {
  const nodes = context.cluster.nodes.map((client) => ({
    ...client,
    async query<Row extends z.ZodType>(sql: string, row: Row): Promise<z.infer<Row>[]> {
      const hidden = sql.includes('system.clusters')
        ? sql.replace('SELECT *', 'SELECT * EXCEPT (internal_replication)')
        : sql;
      return client.query(hidden, row);
    },
  }));
  return { ...context, cluster: { ...context.cluster, nodes } };
}
