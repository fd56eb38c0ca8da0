import type { ClusterContext } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasFunction } from '../clickhouse/dialect.ts';
import { engineOf, mergesRows } from '../clickhouse/merging-engine.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { firstReplicas, wholeTable } from '../clickhouse/whole-table.ts';
import { isMeant, localTables, type LocalTable } from '../contract/contract.ts';
import { UnknownParameterError } from '../contract/parameters.ts';
import type { Finding } from '../verdict.ts';
import { planRule, ruleSubject, type Rule } from './index.ts';
import { PREVIOUS_ROW, PREVIOUS_ROW_CALL } from './monotonic.ts';
import type { FactsPlan, RowPlan, RulePlan, RuleScope } from './rule.ts';
import { BITMAP, BITMAP_CALL } from './sequence.ts';

/** A rule with what it asks. */
export interface PlannedRule<Plan extends RulePlan = RulePlan> {
  readonly rule: Rule;
  readonly subject: string;
  readonly plan: Plan;
  /** FINAL where the table is read merged. */
  readonly final: '' | ' FINAL';
}

/** What the server that reads whole tables can do, and how it reads a table. */
export interface Reading {
  readonly functions: ReadonlySet<string>;
  /** The SETTINGS clause with which whole tables are read. */
  readonly settings: string;
  /** Whether the engine of the table merges rows. */
  readonly merges: boolean;
}

/** Functions that not every version has, and calls of them. */
const CALLS = [
  [BITMAP, BITMAP_CALL],
  [PREVIOUS_ROW, PREVIOUS_ROW_CALL],
] as const;

/** Asks a server what it can do. @throws QueryError */
export async function askReading(
  client: NodeClient,
  { deployment }: ClusterContext,
  table: LocalTable,
): Promise<Reading> {
  const [settings, engine, ...has] = await Promise.all([
    firstReplicas(client),
    engineOf(client, databaseOf(deployment, table), table.name),
    ...CALLS.map(([, call]) => hasFunction(client, call)),
  ]);
  const functions = new Set(CALLS.map(([name]) => name).filter((_, index) => has[index]));
  return { functions, settings, merges: mergesRows(engine) };
}

/** The rules of a table by how they are judged, and findings about those that cannot be. */
export interface PlannedRules {
  readonly rows: readonly PlannedRule<RowPlan>[];
  readonly facts: readonly PlannedRule<FactsPlan>[];
  readonly leftOut: readonly Finding[];
}

/** Plans the rules of a table; one whose parameter is not known is left out. */
export function planRules(
  { contract, deployment, parameters }: ClusterContext,
  table: LocalTable,
  { functions, merges }: Pick<Reading, 'functions' | 'merges'>,
): PlannedRules {
  const whole: RuleScope['whole'] = (reference) => {
    const local = localTables(contract).find((candidate) => isMeant(reference, candidate));
    if (local !== undefined) return wholeTable(deployment, local);
    const [name = '', database] = reference.split('.').reverse();
    return qualifiedName(deployment, { name, database });
  };
  const rows: PlannedRule<RowPlan>[] = [];
  const facts: PlannedRule<FactsPlan>[] = [];
  const leftOut: Finding[] = [];
  for (const rule of table.rules) {
    const subject = ruleSubject(table.name, rule);
    const merged = ('final' in rule ? rule.final : undefined) ?? merges;
    const final = merged ? ' FINAL' : '';
    try {
      const plan = planRule({ ...rule, ...(merged && { final: true }) } as Rule, {
        ...{ table, parameters, functions, whole },
      });
      if (plan.on === 'rows')
        rows.push({ rule, subject, plan: withNulls(plan, rule, table), final });
      else if (plan.on === 'whole') facts.push({ rule, subject, plan, final });
      else leftOut.push(impossible(subject, plan));
    } catch (error) {
      if (!(error instanceof UnknownParameterError)) throw error;
      leftOut.push(withoutParameter(subject, rule, error));
    }
  }
  return { rows, facts, leftOut };
}

/** NULL keeps a rule where the contract does not say that the column holds none. */
function withNulls(plan: RowPlan, rule: Rule, { columns }: LocalTable): RowPlan {
  const type = 'column' in rule ? columns[rule.column] : undefined;
  const mayBeNull = type === undefined || /Nullable|Variant|Dynamic|JSON/.test(type);
  return { ...plan, nullKeeps: plan.nullKeeps && mayBeNull };
}

const impossible = (
  subject: string,
  { expected, reason }: Extract<RulePlan, { on: 'nothing' }>,
): Finding => ({ status: 'skipped', subject, expected, observed: 'not looked at', reason });

const withoutParameter = (
  subject: string,
  { rule, optional }: Rule,
  { parameter, message }: UnknownParameterError,
): Finding => ({
  status: optional === true ? 'skipped' : 'inconclusive',
  subject,
  expected: `the ${rule} of the contract`,
  observed: `nothing to compare with: ${parameter}`,
  reason:
    optional === true
      ? message
      : `${message} Give it with --parameter ${parameter}=…, or mark the rule as optional.`,
});
