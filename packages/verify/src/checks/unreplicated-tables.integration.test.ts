import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import {
  COLUMNS,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { unreplicatedTables } from './unreplicated-tables.ts';

describe('where tables replicate', () => {
  let own: ReplicatedCluster;
  beforeAll(async () => {
    own = await startReplicatedCluster();
    await own.load(10);
  });
  beforeEach(async () => {
    await everywhere('DROP DATABASE IF EXISTS other SYNC');
    await everywhere('CREATE DATABASE other');
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  const on = (node: string, sql: string) => own.cluster.node(node).command(sql);
  const everywhere = (sql: string) =>
    Promise.all(own.cluster.nodes.map(({ command }) => command(sql)));
  const verdict = (context = own.context(10)) => runCheck(unreplicatedTables, context);
  const failures = async () => (await verdict()).findings.filter((f) => f.status !== 'passed');

  test('replicated tables, and tables of other families, pass', async () => {
    await everywhere(`CREATE TABLE other.log ${COLUMNS} ENGINE = Log`);
    const { status, findings } = await verdict();
    expect(status).toBe('passed');
    expect(findings.map(({ observed }) => observed)).toEqual([
      '1 MergeTree tables, 0 of them not replicated for a reason',
    ]);
  });

  test('a plain table in any database fails, and its rows are shown by node', async () => {
    await everywhere(`CREATE TABLE other.plain ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
    await on('clickhouse-03', `INSERT INTO other.plain ${rowsFrom(1, 7)}`);
    const found = await failures();
    expect(found).toMatchObject([
      {
        status: 'failed',
        subject: 'other.plain',
        observed:
          'MergeTree; rows: clickhouse-01 0, clickhouse-03 7, clickhouse-02 0, clickhouse-04 0',
      },
    ]);
    expect(found[0]?.evidence?.[0]?.rows).toContainEqual(['clickhouse-03', '01', 'MergeTree', 7]);
  });

  test('a table of one replica alone is none that differs between replicas', async () => {
    await on('clickhouse-01', `CREATE TABLE other.alone ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
    expect(await failures()).toEqual([]);
  });

  test('what a view fills from a replicated table fails, under the view’s name; what it makes on each node by itself passes', async () => {
    const local = 'otus_default.hw16_demo_products_local';
    await everywhere(
      `CREATE MATERIALIZED VIEW other.sums ENGINE = SummingMergeTree ORDER BY id AS SELECT id FROM ${local}`,
    );
    await everywhere(
      `CREATE MATERIALIZED VIEW other.fresh REFRESH EVERY 1 DAY ENGINE = MergeTree ORDER BY id AS SELECT id FROM ${local}`,
    );
    const { findings } = await verdict();
    expect(findings.map(({ status, subject }) => `${status} ${subject}`).sort()).toEqual([
      'failed other..inner.sums',
      'passed other..inner.fresh',
    ]);
  });

  test('a table that is plain on purpose passes with the reason, by the allow list or by its engine in the contract', async () => {
    await everywhere(`CREATE TABLE otus_default.t_plain ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
    const reason = 'each node counts for itself';
    const allowed = { kind: 'unreplicated-table', name: '*.t_plain', reason };
    const context = own.context(10);
    const [local] = context.contract.tables;
    const stated = { ...local!, name: 't_plain', engine: 'MergeTree' } as NonNullable<typeof local>;
    const contract = { ...context.contract, tables: [...context.contract.tables, stated] };
    const verdicts = [
      await verdict(allowing(context, allowed)),
      await verdict({ ...context, contract }),
    ];
    await everywhere('DROP TABLE otus_default.t_plain SYNC');
    expect(verdicts).toMatchObject([
      { status: 'passed', findings: [{ observed: expect.stringContaining(reason) }, {}] },
      {
        status: 'passed',
        findings: [{ observed: expect.stringContaining('the contract says') }, {}],
      },
    ]);
  });
});

describe('where a Distributed table writes to the replicas', () => {
  let fallback: TestCluster;
  beforeAll(async () => {
    fallback = await startTestCluster();
    await fallback.load(10);
  });
  afterAll(() => fallback?.[Symbol.asyncDispose]());

  test('tables that a Distributed table writes to every replica pass, and what views fill from them', async () => {
    for (const { command } of fallback.cluster.nodes) {
      await command(
        `CREATE MATERIALIZED VIEW otus_default.ids ENGINE = AggregatingMergeTree ORDER BY id
       AS SELECT id FROM otus_default.hw16_demo_products_local`,
      );
    }
    const { status, findings } = await runCheck(unreplicatedTables, fallback.context(10));
    expect(status).toBe('passed');
    expect(findings.map(({ observed }) => observed)).toEqual([
      expect.stringContaining('fills it on each replica'),
      expect.stringContaining('otus_default.hw16_demo_products writes to every replica'),
      '2 MergeTree tables, 2 of them not replicated for a reason',
    ]);
  });
});
