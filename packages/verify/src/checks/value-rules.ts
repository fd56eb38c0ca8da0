import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { judgeFacts } from '../rules/judge-facts.ts';
import { judgeRows } from '../rules/judge-rows.ts';
import { askReading, planRules, type Reading } from '../rules/planned-rule.ts';
import { showContent } from '../rules/shown-content.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Whether the values are as the contract's rules say. */
export const valueRules: ClusterCheck = {
  name: 'value-rules',
  critical: true,
  title: 'Values keep the rules of the contract',
  proves:
    'Rules that each row keeps by itself (sets, ranges, periods, patterns, lengths, references, no NULL) hold on every node; rules about all rows together (sequences, keys, numbers of rows, aggregates, freshness, order, queries) hold over the first replicas of all shards (replica-content says the same of the other replicas). Rows of an engine that merges them are judged merged.',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = localTables(context.contract);
      return (await Promise.all(tables.map((table) => judge(context, table)))).flat();
    }),
};

/** How a table is read where the server that should be asked does not answer. */
const UNKNOWN: Reading = { functions: new Set(), settings: '', merges: false };

async function judge(context: ClusterContext, local: LocalTable): Promise<readonly Finding[]> {
  if (local.rules.length === 0) {
    return [
      {
        status: 'skipped',
        subject: local.name,
        expected: 'values as the rules say',
        observed: 'no rules',
        reason: 'The contract has no rules for the table.',
      },
    ];
  }
  const { nodes } = context.cluster;
  const first = nodes.slice(0, 1);
  const asked = await askNodes(first, (client) => askReading(client, context, local));
  const reading = asked.answers[0]?.value ?? UNKNOWN;
  const { rows, facts, leftOut } = planRules(context, local, reading);
  const [content, ofRows, ofFacts] = await Promise.all([
    showContent(context, local),
    rows.length === 0
      ? undefined
      : askNodes(nodes, (client) => judgeRows(context, client, local, reading, rows)),
    facts.length === 0
      ? undefined
      : askNodes(first, (client) => judgeFacts(context, client, local, reading, facts)),
  ]);
  return [
    ...content,
    ...[ofRows, ofFacts].flatMap((asking) => [
      ...(asking?.answers ?? []).flatMap(({ value }) => value),
      ...(asking?.silent ?? []),
    ]),
    ...leftOut,
  ];
}
