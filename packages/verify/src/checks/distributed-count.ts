import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { countThrough } from '../clickhouse/row-count.ts';
import { stillness } from '../clickhouse/stillness.ts';
import type { DistributedTable, LocalTable } from '../contract/contract.ts';
import { describeBounds, isWithin } from '../contract/row-count.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { expectedRows } from './expected-rows.ts';
import { eachDistributedTable } from './each-distributed-table.ts';

/** The rows that every node counts through a Distributed table. */
export const distributedCount: ClusterCheck = {
  name: 'distributed-count',
  title: 'Every node counts the same rows through the Distributed table',
  proves:
    'Whichever node is asked, the whole table is there: the same number of rows everywhere, and as many as the contract states if it states any. It does not say that they are the right rows.',
  scope: 'cluster',
  run: (context) =>
    settle(
      context.contract.replicas.settleSeconds,
      () => eachDistributedTable(context.contract, (table, local) => judge(context, table, local)),
      { stillness: stillness(context) },
    ),
};

async function judge(
  context: ClusterContext,
  table: DistributedTable,
  local: LocalTable,
): Promise<Finding[]> {
  const { cluster, deployment } = context;
  const { answers, silent } = await askNodes(cluster.nodes, (client) =>
    countThrough(client, deployment, local, table),
  );
  const counts = answers.map(({ node, value: { rows } }) => ({ node, rows }));
  const [first] = counts;
  if (first === undefined) return [...silent];
  const { bounds, unknown } = expectedRows(context, table, local);
  const agree = counts.every(({ rows }) => rows === first.rows);
  const right = agree && (bounds === undefined || isWithin(bounds, first.rows));
  const empty = right && first.rows === 0 && bounds?.max !== 0;
  return [
    {
      status: !right ? 'failed' : empty ? 'warned' : 'passed',
      subject: table.name,
      expected:
        bounds === undefined
          ? 'the same number of rows from every node; no number is known'
          : `${describeBounds(bounds)} from every node`,
      observed: agree
        ? `${first.rows} rows from ${counts.length} nodes`
        : counts.map(({ node, rows }) => `${node}: ${rows}`).join(', '),
      ...(empty && { reason: 'The table is empty: that all nodes agree proves little.' }),
      ...(!right && {
        reason: 'Look at the verdicts of shard-rows and replica-content for where rows differ.',
      }),
      evidence: [evidence('Rows through the Distributed table by node', counts)],
      sql: [...new Set(answers.map(({ value }) => value.sql))],
    },
    ...unknown,
    ...silent,
  ];
}
