import { quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import { requireTable } from '../clickhouse/require-table.ts';
import { evidence, evidenceRow, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const askUnfinished = tableQuestion({
  ...{ columns: '*', from: 'system.mutations', where: 'NOT is_done', order: 'create_time' },
  row: evidenceRow,
});

/** Whether ALTER … UPDATE and DELETE have ended. */
export const mutations: ClusterCheck = {
  name: 'mutations',
  title: 'No mutation is unfinished or failing',
  proves:
    'Every ALTER … UPDATE or DELETE of the tables has rewritten all parts on every node, so rows will not change by themselves any more.',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = localTables(context.contract);
      return (await Promise.all(tables.map((table) => judge(context, table)))).flat();
    }),
};

async function judge(
  { cluster, deployment }: ClusterContext,
  table: LocalTable,
): Promise<Finding[]> {
  const { name } = table;
  const database = databaseOf(deployment, table);
  const sql = `SELECT * FROM system.mutations
    WHERE NOT is_done AND database = ${quoteText(database)}
      AND table = ${quoteText(name)} ORDER BY create_time`;
  const { answers, silent } = await askNodes(cluster.nodes, async (client) => {
    await requireTable(client, deployment, table);
    return askUnfinished(client, { database, table: name });
  });
  const findings = answers.map(({ node, value }): Finding => {
    const about = { subject: name, node, expected: 'no unfinished mutation', sql: [sql] } as const;
    const [first] = value;
    if (first === undefined) return { ...about, status: 'passed', observed: 'none' };
    const failure = first['latest_fail_reason'];
    return {
      ...about,
      status: 'failed',
      observed: `${value.length} unfinished: ${String(first['command'])}${failure ? ` (${String(failure)})` : ''}`,
      reason: 'Wait for it, correct what it names, or end it with KILL MUTATION.',
      evidence: [evidence(`Unfinished mutations on ${node}`, value.slice(0, EVIDENCE_ROWS))],
    };
  });
  return [...findings, ...silent];
}
