import { quoteName } from '@provehouse/infra/clickhouse';
import type { Columns } from '../clickhouse/content.ts';
import { canonicalExpression, engineArguments } from '../clickhouse/definition-text.ts';
import { columnsIn } from '../clickhouse/expression-columns.ts';
import { mergesRows } from '../clickhouse/merging-engine.ts';
import { aggregateOf, mergingExpression } from './aggregate-functions.ts';
import type { Target } from './filled-view.ts';

/** An aggregate over the rows of a bucket, the same over the source and over the target. */
export interface PlannedValue {
  /** What people read. */
  readonly name: string;
  readonly expression: string;
  /** The column that it is of, if of one. */
  readonly column?: string;
  /** The column whose values are added up by `sum`, if they are. */
  readonly summed?: string;
}

/** What can be compared of a target. */
export interface Plan {
  readonly values: readonly PlannedValue[];
  /** Columns of which it is not known how they add up. */
  readonly unjudged: readonly string[];
}

/** How a view fills its target. */
export interface Filling {
  readonly target: Target;
  /** The columns that both the SELECT and the target have. */
  readonly columns: Columns;
  /** Whether each row of the SELECT is one of the target: nothing is grouped, left out or numbered. */
  readonly rowByRow: boolean;
  /** What the contract says of columns. */
  readonly aggregates: Readonly<Record<string, string>>;
}

/** What a contract writes for a column that cannot be compared. */
const NOT_COMPARED = 'none';

const NUMBER = /^(?:Nullable\()?(?:U?Int\d+|B?Float\d+|Decimal)/;
const UNHASHED = /^(?:JSON|Object|Dynamic|Variant)\b/;

/** What is compared of a target: the same aggregates over what the source gives and what the target holds. */
export function planValues({ target, columns, rowByRow, aggregates }: Filling): Plan {
  const names = Object.keys(columns);
  const keys = new Set(columnsIn(`${target.sortingKey}, ${target.partitionKey}`, new Set(names)));
  const whole = rowByRow ? rowValues(target) : replacedValues(target, names);
  const unjudged: string[] = [];
  const values = Object.entries(columns).flatMap(([column, type]): PlannedValue[] => {
    const stated = aggregates[column];
    if (stated === NOT_COMPARED) return [];
    if (stated !== undefined) return [statedValue(column, stated)];
    const aggregate = aggregateOf(type);
    if (aggregate !== undefined) {
      const expression = replaces(target) ? undefined : mergingExpression(column, aggregate);
      if (expression !== undefined) {
        const summed = aggregate.name === 'sum' && !aggregate.state ? { summed: column } : {};
        return [{ name: column, column, expression, ...summed }];
      }
    } else if (isSummed(target, column, type, keys)) {
      return [statedValue(column, 'sum')];
    } else if (whole?.judged.includes(column)) {
      return [];
    } else if (whole?.ofColumn !== undefined) {
      const expression = whole.ofColumn(hashOf(column, type));
      return [{ name: `hash of ${column}`, column, expression }];
    } else if (keys.has(column)) {
      return [];
    }
    unjudged.push(column);
    return [];
  });
  return { values: [...(whole?.values ?? []), ...values], unjudged };
}

const statedValue = (column: string, written: string): PlannedValue => ({
  name: `${written}(${column})`,
  column,
  expression: `${written}(${quoteName(column)})`,
  ...(written === 'sum' && { summed: column }),
});

interface WholeRows {
  readonly values: readonly PlannedValue[];
  /** Columns that these values judge. */
  readonly judged: readonly string[];
  /** How the hashes of a column add up. */
  readonly ofColumn?: (hash: string) => string;
}

/** What is compared of rows that a view copies. */
function rowValues(target: Target): WholeRows | undefined {
  if (!mergesRows(target.engine)) {
    return {
      values: [{ name: 'rows', expression: 'count()' }],
      judged: [],
      ofColumn: (hash) => `sum(${hash})`,
    };
  }
  const [sign] = ownArguments(target);
  if (!target.engine.endsWith('CollapsingMergeTree') || sign === undefined) {
    return replacedValues(target, Object.keys(target.columns));
  }
  // A row and the one that takes it back come to nothing, merged or not.
  const signed = `toInt64(${quoteName(sign)})`;
  return {
    values: [{ name: 'rows', expression: `sum(${signed})` }],
    judged: [sign],
    ofColumn: (hash) => `sum(${signed} * toInt64(${hash}))`,
  };
}

/** What is determined of rows of which the last one stays for each key: the keys, and the last version. */
function replacedValues(target: Target, names: readonly string[]): WholeRows | undefined {
  const [version, deleted] = ownArguments(target);
  const replacing = target.engine.endsWith('ReplacingMergeTree');
  if (!(replacing && deleted === undefined) && !target.engine.endsWith('CoalescingMergeTree')) {
    return undefined;
  }
  const key = `cityHash64(tuple(${target.sortingKey}))`;
  const versioned = replacing && version !== undefined && names.includes(version);
  return {
    values: [
      { name: 'keys', expression: `uniqExact(${key})` },
      { name: 'hash of keys', expression: `sumDistinct(${key})` },
      ...(versioned ? [statedValue(version, 'max')] : []),
    ],
    judged: versioned ? [version] : [],
  };
}

const hashOf = (column: string, type: string): string => {
  const name = quoteName(column);
  return `cityHash64(tuple(${UNHASHED.test(type) ? `toString(${name})` : name}))`;
};

/** Whether one row of several stays as it is, states included. */
const replaces = ({ engine }: Target): boolean => /(?:Replacing|Coalescing)MergeTree$/.test(engine);

/** The engine's arguments without a replicated table's path and name. */
const ownArguments = ({ engineFull }: Target): string[] => {
  const all = engineArguments(engineFull);
  return all[0]?.includes('/') ? all.slice(2) : all;
};

/** Whether a SummingMergeTree adds up the values of a column. */
function isSummed(
  target: Target,
  column: string,
  type: string,
  keys: ReadonlySet<string>,
): boolean {
  if (!target.engine.endsWith('SummingMergeTree') || !NUMBER.test(type) || keys.has(column)) {
    return false;
  }
  const [named] = ownArguments(target);
  return named === undefined || engineArguments(`columns(${named})`).includes(column);
}

/**
 * Columns, outside of the keys, that the contract's expressions read: merging leaves one value of
 * several there, so that buckets by them are not those of the source.
 */
export function unsteadyColumns(
  target: Target,
  columns: Columns,
  expressions: readonly string[],
): string[] {
  if (!mergesRows(target.engine) || /Collapsing/.test(target.engine)) return [];
  const elements = engineArguments(`keys(${target.sortingKey}, ${target.partitionKey})`).map(
    canonicalExpression,
  );
  return expressions
    .filter((expression) => !elements.includes(canonicalExpression(expression)))
    .flatMap((expression) => columnsIn(expression, new Set(Object.keys(columns))))
    .filter((column) => !elements.includes(column));
}
