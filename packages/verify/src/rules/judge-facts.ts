import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { wholeTable } from '../clickhouse/whole-table.ts';
import type { LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';
import { askTogether } from './ask-together.ts';
import type { PlannedRule, Reading } from './planned-rule.ts';
import type { FactsPlan } from './rule.ts';
import { judgeThresholds, thresholdText } from './thresholds.ts';

type FactsRule = PlannedRule<FactsPlan>;
type Facts = readonly (string | null)[];

const factsRow = z.object({ _facts: z.array(z.string().nullable()) });

/**
 * Judges the rules about all rows together, over the first replicas of all shards: those about the
 * table itself in one pass.
 */
export async function judgeFacts(
  { deployment }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
  { settings }: Pick<Reading, 'settings'>,
  rules: readonly FactsRule[],
): Promise<Finding[]> {
  const table = wholeTable(deployment, local);
  const passes = Map.groupBy(rules, ({ plan, final }) => plan.from ?? `${table}${final}`);
  const findings = await Promise.all(
    [...passes].map(([from, ofPass]) =>
      askTogether(client, ofPass, async (some) => {
        const facts = await askFacts(client, from, settings, some);
        return Promise.all(
          some.map((rule, index) =>
            finding(client, { from, table: `${table}${rule.final}`, settings }, rule, facts[index]),
          ),
        );
      }),
    ),
  );
  return findings.flat();
}

const select = (facts: readonly string[], from: string, settings: string): string =>
  `SELECT [${facts.map((fact) => `toString(${fact})`).join(', ')}] AS _facts FROM ${from} ${settings}`;

async function askFacts(
  client: NodeClient,
  from: string,
  settings: string,
  rules: readonly FactsRule[],
): Promise<Facts[]> {
  const all = rules.flatMap(({ plan }) => plan.facts);
  const [row] = await client.query(select(all, from, settings), factsRow);
  const answers = [...(row?._facts ?? [])];
  return rules.map(({ plan }) => answers.splice(0, plan.facts.length));
}

async function finding(
  client: NodeClient,
  read: { readonly from: string; readonly table: string; readonly settings: string },
  { rule, subject, plan }: FactsRule,
  facts: Facts = [],
): Promise<Finding> {
  const outcome = plan.judge(facts);
  const about = {
    subject,
    expected: plan.expected,
    sql: [select(plan.facts, read.from, read.settings).trim()],
  };
  if ('unknown' in outcome) {
    const reason = outcome.unknown;
    return { ...about, status: 'inconclusive', observed: 'nothing to judge', reason };
  }
  const { broken, of, observed, expected = plan.expected } = outcome;
  const status = judgeThresholds(rule, broken, of);
  const judged = { ...about, status, observed, expected: `${expected}${thresholdText(rule)}` };
  if (status === 'passed') return judged;
  const violations = plan.violations(read.table, facts);
  const shown = await Promise.all(
    violations.map(({ title, sql }) => firstRows(title, client, sql, read.settings)),
  );
  return {
    ...judged,
    reason: plan.advice ?? 'Correct what makes the values, or the rule in the contract.',
    evidence: shown.filter(({ rows }) => rows.length > 0),
    sql: [...about.sql, ...violations.map(({ sql }) => `${sql} ${read.settings}`.trim())],
  };
}
