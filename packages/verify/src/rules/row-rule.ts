import { quoteName, quoteText } from '../clickhouse/cluster.ts';
import type { Rule } from '../contract/contract.ts';
import { resolve, type Parameters } from '../contract/parameters.ts';

/** A rule that each row keeps or breaks by itself. */
export interface RowRule {
  readonly rule: Exclude<Rule, { rule: 'sequence' }>['rule'];
  readonly column: string;
  /** The rule in words. */
  readonly expected: string;
  /** The rule as an expression; NULL breaks it. */
  readonly condition: string;
  /** An aggregate that says in a text what the column holds. */
  readonly summary: string;
}

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : quoteText(value);

/** A rule of the contract as SQL. @throws UnknownParameterError */
export function rowRule(
  rule: Exclude<Rule, { rule: 'sequence' }>,
  parameters: Parameters,
): RowRule {
  const column = quoteName(rule.column);
  const extent = `concat(toString(min(${column})), ' … ', toString(max(${column})))`;
  const common = { rule: rule.rule, column: rule.column };
  switch (rule.rule) {
    case 'set':
      return {
        ...common,
        expected: `one of ${rule.values.join(', ')}`,
        condition: `${column} IN (${rule.values.map(literal).join(', ')})`,
        summary: `''`,
      };
    case 'range': {
      const [min, max] = [resolve(rule.min, parameters), resolve(rule.max, parameters)];
      return {
        ...common,
        expected: `from ${min} to ${max}`,
        condition: `${column} >= ${literal(min)} AND ${column} <= ${literal(max)}`,
        summary: extent,
      };
    }
    case 'period': {
      const day = resolve(rule.until, parameters);
      // A day begins at midnight UTC, whatever time zone the server shows times in.
      const end = `toDateTime(${quoteText(`${day} 00:00:00`)}, 'UTC')`;
      return {
        ...common,
        expected: `within the ${rule.days} days before ${day} 00:00 UTC`,
        condition: `${column} >= ${end} - toIntervalDay(${rule.days}) AND ${column} <= ${end}`,
        summary: extent,
      };
    }
  }
}
