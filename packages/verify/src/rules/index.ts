import { z } from 'zod';
import { aggregateRule, planAggregate } from './aggregate.ts';
import { equalRule, planEqual } from './equal.ts';
import { freshnessRule, planFreshness } from './freshness.ts';
import { lengthRule, planLength } from './length.ts';
import { monotonicRule, planMonotonic } from './monotonic.ts';
import { notNullRule, planNotNull } from './not-null.ts';
import { periodRule, planPeriod } from './period.ts';
import { planRange, rangeRule } from './range.ts';
import { planReference, referenceRule } from './reference.ts';
import { planRegex, regexRule } from './regex.ts';
import { planRowCount, rowCountRule } from './row-count.ts';
import type { RulePlan, RuleScope } from './rule.ts';
import { planSequence, sequenceRule } from './sequence.ts';
import { planSet, setRule } from './set.ts';
import { planSql, sqlRule } from './sql.ts';
import { planUnique, uniqueRule } from './unique.ts';

/** One line of a contract about values; each kind has a file of its own. */
export const ruleSchema = z.discriminatedUnion('rule', [
  sequenceRule,
  setRule,
  rangeRule,
  periodRule,
  notNullRule,
  uniqueRule,
  regexRule,
  lengthRule,
  referenceRule,
  rowCountRule,
  freshnessRule,
  aggregateRule,
  monotonicRule,
  sqlRule,
  equalRule,
]);

export type Rule = z.infer<typeof ruleSchema>;

/**
 * What a rule asks of the servers.
 * @throws UnknownParameterError when it names a parameter that is not known
 */
export function planRule(rule: Rule, scope: RuleScope): RulePlan {
  switch (rule.rule) {
    case 'sequence':
      return planSequence(rule, scope);
    case 'set':
      return planSet(rule);
    case 'range':
      return planRange(rule, scope);
    case 'period':
      return planPeriod(rule, scope);
    case 'notNull':
      return planNotNull(rule);
    case 'unique':
      return planUnique(rule);
    case 'regex':
      return planRegex(rule);
    case 'length':
      return planLength(rule, scope);
    case 'reference':
      return planReference(rule, scope);
    case 'rowCount':
      return planRowCount(rule, scope);
    case 'freshness':
      return planFreshness(rule);
    case 'aggregate':
      return planAggregate(rule, scope);
    case 'monotonic':
      return planMonotonic(rule, scope);
    case 'sql':
      return planSql(rule, scope);
    case 'equal':
      return planEqual(rule);
  }
}

/** What a rule is about, as findings and waivers name it: its title, or its columns and kind. */
export function ruleSubject(table: string, rule: Rule): string {
  if (rule.title !== undefined) return `${table}, ${rule.title}`;
  const columns = 'columns' in rule ? rule.columns : 'column' in rule ? [rule.column] : [];
  return `${[table, columns.join(' + ')].filter((part) => part !== '').join('.')}, ${rule.rule}`;
}
