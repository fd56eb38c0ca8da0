import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { distributedTables, type DistributedTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const countRow = z.object({ rows: z.coerce.number() });

/** The rows that every node counts through a Distributed table. */
export const distributedCount: ClusterCheck = {
  name: 'distributed-count',
  title: 'Every node counts the same rows through the Distributed table',
  proves:
    'Whichever node is asked, the whole table is there: as many rows as were loaded if that is known, else the same number everywhere. It does not say that they are the right rows.',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = distributedTables(context.contract);
      return (await Promise.all(tables.map(({ table }) => judge(context, table)))).flat();
    }),
};

async function judge(context: ClusterContext, table: DistributedTable): Promise<Finding[]> {
  const { cluster, deployment, expectedRows } = context;
  const sql = `SELECT count() AS rows FROM ${tableName(deployment, table.name)}`;
  const { answers, silent } = await askNodes(cluster.nodes, (client) =>
    client.query(sql, countRow),
  );
  const counts = answers.flatMap(({ node, value }) => value.map(({ rows }) => ({ node, rows })));
  const distinct = [...new Set(counts.map(({ rows }) => rows))];
  const right = expectedRows ?? distinct[0];
  const wrong = counts.filter(({ rows }) => rows !== right);
  if (counts.length === 0) return [...silent];
  const empty = wrong.length === 0 && right === 0;
  return [
    {
      status: wrong.length > 0 ? 'failed' : empty ? 'warned' : 'passed',
      subject: table.name,
      expected:
        expectedRows === undefined
          ? 'the same number of rows from every node'
          : `${expectedRows} rows from every node`,
      observed:
        distinct.length === 1
          ? `${distinct[0] ?? 0} rows from ${counts.length} nodes`
          : counts.map(({ node, rows }) => `${node}: ${rows}`).join(', '),
      ...(empty && { reason: 'The table is empty: that all nodes agree proves little.' }),
      ...(wrong.length > 0 && {
        reason: 'Look at the verdicts of shard-rows and replica-content for where rows differ.',
      }),
      evidence: [evidence('Rows through the Distributed table by node', counts)],
      sql: [sql],
    },
    ...silent,
  ];
}
