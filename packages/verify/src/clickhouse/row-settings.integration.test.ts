import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { impatient } from '../../test/changed-context.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runChecks } from '../check-run.ts';
import { clusterChecks } from '../checks/index.ts';
import type { NodeClient } from './cluster.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const planRow = z.object({ explain: z.string() });

/** What a server answers without reading rows: from projections, from notes of parts, from some parts only. */
const SHORT_CUT = /_projection\)|trivial count/;
const PRUNED = /Parts: (\d+)\/(\d+)/g;

/** How a node executes a statement under the settings of its client, its part at other nodes included. */
async function planOf(client: NodeClient, sql: string): Promise<string> {
  const ask = `EXPLAIN distributed = 1, indexes = 1, projections = 1 ${sql}`;
  return (await client.query(ask, planRow)).map(({ explain }) => explain).join('\n');
}

/** A context that notes which statement was asked where. */
function noting(context: ClusterContext, asked: Map<string, NodeClient>): ClusterContext {
  const nodes = context.cluster.nodes.map((client): NodeClient => ({
    ...client,
    async query(sql, row, withinMs, settings) {
      // What a server refuses, as where it is found out what it can do, has no plan.
      const rows = await client.query(sql, row, withinMs, settings);
      if (/^\s*SELECT/.test(sql)) asked.set(sql, client);
      return rows;
    },
  }));
  return { ...context, cluster: { ...context.cluster, nodes } };
}

test('every statement of every check reads rows: no projection, no noted count, no part left out', async () => {
  // What is wrong makes the checks ask for evidence as well.
  const { command } = own.cluster.node('clickhouse-01');
  await command(`INSERT INTO ${LOCAL} ${sampleRows(2001, 2005)}`);
  const asked = new Map<string, NodeClient>();
  await runChecks(clusterChecks, noting(impatient(own.context()), asked));
  const plans = await Promise.all(
    [...asked].map(async ([sql, client]) => ({ sql, plan: await planOf(client, sql) })),
  );
  const ofTables = plans.filter(({ plan }) => plan.includes('ReadFromMergeTree (otus_default.'));
  expect(ofTables.length).toBeGreaterThan(8);
  expect(plans.filter(({ plan }) => SHORT_CUT.test(plan))).toEqual([]);
  const pruned = ({ plan }: { plan: string }): boolean =>
    [...plan.matchAll(PRUNED)].some(([, read, all]) => read !== all);
  expect(ofTables.filter(pruned)).toEqual([]);
});

test('a server that is asked without them answers the same from its parts', async () => {
  const client = own.cluster.node('clickhouse-01');
  const asItWould = (sql: string) =>
    planOf(
      client,
      `${sql} SETTINGS optimize_use_projections = 1,
      optimize_use_implicit_projections = 1, optimize_trivial_count_query = 1`,
    );
  expect(await asItWould(`SELECT count() FROM ${LOCAL}`)).toMatch(SHORT_CUT);
  const byMonth = `SELECT toYYYYMM(created_at) AS month, count() FROM ${LOCAL} GROUP BY month`;
  expect(await asItWould(byMonth)).toMatch(SHORT_CUT);
  expect(await planOf(client, byMonth)).not.toMatch(SHORT_CUT);
});
