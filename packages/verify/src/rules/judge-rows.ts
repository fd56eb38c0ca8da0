import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import type { LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';
import { askTogether } from './ask-together.ts';
import type { PlannedRule, Reading } from './planned-rule.ts';
import type { RowPlan } from './rule.ts';
import { both } from './sql-text.ts';
import { judgeThresholds, thresholdText } from './thresholds.ts';

const passRow = z.object({
  _judged: z.array(z.coerce.number()),
  _broken: z.array(z.coerce.number()),
  _summaries: z.array(z.string()),
});

/** What one pass over a node's rows says of a rule. */
interface Count {
  readonly judged: number;
  readonly broken: number;
  readonly summary: string;
}

type RowRule = PlannedRule<RowPlan>;

/** Judges the rules that each row keeps or breaks by itself, in one pass over a node's rows. */
export async function judgeRows(
  { deployment }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
  { settings }: Pick<Reading, 'settings'>,
  rules: readonly RowRule[],
): Promise<Finding[]> {
  const table = qualifiedName(deployment, local);
  const passes = [...Map.groupBy(rules, ({ final }) => final)];
  const findings = await Promise.all(
    passes.map(([final, ofPass]) =>
      askTogether(client, ofPass, async (some) => {
        const clause = some.some(({ plan }) => plan.readsElsewhere) ? ` ${settings}` : '';
        const counts = await countBroken(client, `${table}${final}${clause}`, some);
        return Promise.all(
          some.map((rule, index) =>
            finding(client, { table: `${table}${final}`, local, settings }, rule, counts[index]),
          ),
        );
      }),
    ),
  );
  return findings.flat();
}

const whereOf = ({ rule }: RowRule): string | undefined =>
  'where' in rule ? rule.where : undefined;

const breaks = ({ plan: { condition, nullKeeps } }: RowRule): string =>
  `NOT ifNull(${condition}, ${nullKeeps ? 1 : 0})`;

async function countBroken(
  client: NodeClient,
  from: string,
  rules: readonly RowRule[],
): Promise<Count[]> {
  const list = (expression: (rule: RowRule) => string): string => rules.map(expression).join(', ');
  const judged = list((rule) => {
    const where = whereOf(rule);
    return where === undefined ? 'count()' : `countIf(${where})`;
  });
  const broken = list((rule) => `countIf(${both(whereOf(rule), breaks(rule))})`);
  const summaries = list(({ plan }) => plan.summary ?? `''`);
  const [found] = await client.query(
    `SELECT [${judged}] AS _judged, [${broken}] AS _broken, [${summaries}] AS _summaries FROM ${from}`,
    passRow,
  );
  return rules.map((_, index) => ({
    judged: found?._judged[index] ?? 0,
    broken: found?._broken[index] ?? 0,
    summary: found?._summaries[index] ?? '',
  }));
}

async function finding(
  client: NodeClient,
  read: { readonly table: string; readonly local: LocalTable; readonly settings: string },
  rule: RowRule,
  { judged, broken, summary }: Count = { judged: 0, broken: 0, summary: '' },
): Promise<Finding> {
  const order = read.local.orderBy === undefined ? '' : ` ORDER BY ${read.local.orderBy}`;
  const sql = `SELECT * FROM ${read.table} WHERE ${both(whereOf(rule), breaks(rule))}${order}`;
  const settings = rule.plan.readsElsewhere ? read.settings : '';
  const status = judgeThresholds(rule.rule, broken, judged);
  const about = {
    status,
    subject: rule.subject,
    node: client.node.name,
    expected: `${rule.plan.expected}${thresholdText(rule.rule)}`,
    observed: `${broken} of ${judged} rows break it${judged > 0 && summary ? `; ${summary}` : ''}`,
    sql: [`${sql} ${settings}`.trim()],
  };
  if (status === 'passed') return about;
  return {
    ...about,
    reason: 'Correct what makes the values, or the rule in the contract, and load again.',
    evidence: [
      await firstRows(`Rows on ${client.node.name} that break the rule`, client, sql, settings),
    ],
  };
}
