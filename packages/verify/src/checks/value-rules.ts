import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName, type NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { localTables, type LocalTable, type Rule } from '../contract/contract.ts';
import { UnknownParameterError } from '../contract/parameters.ts';
import { rowRule, type RowRule } from '../rules/row-rule.ts';
import { judgeSequence } from '../rules/sequence.ts';
import { showContent } from '../rules/shown-content.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const brokenRow = z.object({
  rows: z.coerce.number(),
  broken: z.array(z.coerce.number()),
  summaries: z.array(z.string()),
});

/** Whether the values are as the contract's rules say. */
export const valueRules: ClusterCheck = {
  name: 'value-rules',
  title: 'Values keep the rules of the contract',
  proves:
    'Sets, ranges and periods hold for each row on every node; a sequence is complete and without repetition over the first replicas of all shards (replica-content says the same of the other replicas).',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = localTables(context.contract);
      return (await Promise.all(tables.map((table) => judge(context, table)))).flat();
    }),
};

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
  const findings = await Promise.all([
    showContent(context, local),
    judgeRows(context, local),
    ...local.rules
      .filter((rule) => rule.rule === 'sequence')
      .map((rule) => judgeSequence(context, local, rule)),
  ]);
  return findings.flat();
}

/** Judges the rules that each row keeps or breaks by itself, all of them in one pass over a node. */
async function judgeRows(context: ClusterContext, local: LocalTable): Promise<Finding[]> {
  const rules: RowRule[] = [];
  const skipped: Finding[] = [];
  for (const rule of local.rules) {
    if (rule.rule === 'sequence') continue;
    try {
      rules.push(rowRule(rule, context.parameters));
    } catch (error) {
      if (!(error instanceof UnknownParameterError)) throw error;
      skipped.push(skip(local, rule, error));
    }
  }
  if (rules.length === 0) return skipped;
  const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
    judgeNode(context, client, local, rules),
  );
  return [...answers.flatMap(({ value }) => value), ...skipped, ...silent];
}

const skip = (local: LocalTable, rule: Rule, error: UnknownParameterError): Finding => ({
  status: 'skipped',
  subject: `${local.name}.${rule.column}, ${rule.rule}`,
  expected: `the ${rule.rule} of the contract`,
  observed: `nothing to compare with: ${error.parameter}`,
  reason: error.message,
});

async function judgeNode(
  { deployment }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
  rules: readonly RowRule[],
): Promise<Finding[]> {
  const table = tableName(deployment, local.name);
  const breaks = ({ condition }: RowRule): string => `NOT ifNull(${condition}, 0)`;
  const [found] = await client.query(
    `SELECT count() AS rows, [${rules.map((rule) => `countIf(${breaks(rule)})`).join(', ')}] AS broken,
       [${rules.map(({ summary }) => summary).join(', ')}] AS summaries FROM ${table}`,
    brokenRow,
  );
  return Promise.all(
    rules.map(async (rule, index): Promise<Finding> => {
      const rows = found?.rows ?? 0;
      const broken = found?.broken[index] ?? 0;
      const summary = rows > 0 ? found?.summaries[index] : '';
      const sql = `SELECT * FROM ${table} WHERE ${breaks(rule)} ORDER BY ${local.orderBy}`;
      const about = {
        subject: `${local.name}.${rule.column}, ${rule.rule}`,
        node: client.node.name,
        expected: rule.expected,
        observed: `${broken} of ${rows} rows break it${summary ? `; ${summary}` : ''}`,
        sql: [sql],
      };
      if (broken === 0) return { ...about, status: 'passed' };
      return {
        ...about,
        status: 'failed',
        reason: 'Correct what makes the values, or the rule in the contract, and load again.',
        evidence: [await firstRows(`Rows on ${client.node.name} that break the rule`, client, sql)],
      };
    }),
  );
}
