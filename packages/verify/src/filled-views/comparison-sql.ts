import { quoteName } from '@provehouse/infra/clickhouse';
import type { Columns } from '../clickhouse/content.ts';
import { canonicalExpression } from '../clickhouse/definition-text.ts';
import { both, whereClause } from '../rules/sql-text.ts';
import { valueType } from './aggregate-functions.ts';
import type { PlannedValue } from './planned-values.ts';

/** The two sides: what the view's source gives now, and what its target holds. */
export interface Sides {
  /** What stands after FROM. */
  readonly source: string;
  readonly target: string;
}

/** A value whose types on both sides are known. */
export interface TypedValue extends PlannedValue {
  /** How floating-point results are compared: one by one, or as a list. */
  readonly float: 'one' | 'list' | undefined;
  /** By what part of themselves floating-point results may differ. */
  readonly tolerance: number;
}

/** What is compared, and by what. */
export interface Comparison extends Sides {
  readonly buckets: readonly string[];
  readonly where: string | undefined;
  readonly values: readonly TypedValue[];
  /** Whether rows of nothing but zeros may be missing, as SummingMergeTree leaves them out. */
  readonly zerosVanish: boolean;
}

/** A floating-point number that differs by no more than this from another one is the same. */
const LEAST = 1e-12;

/** How much of the largest bucket counts as the size of a small one. */
const OF_OTHERS = 0.001;

const SIMILAR_WHOLE = /^U?Int\d+$/;

/** The SELECT of a view as what stands after FROM, with the types that its target has. */
export function sourceSide(
  select: string,
  given: Columns,
  columns: Columns,
  summed: ReadonlySet<string>,
): string {
  const list = Object.entries(columns).map(([name, type]) => {
    const column = quoteName(name);
    const wanted = summed.has(name) ? widened(valueType(type)) : valueType(type);
    const has = valueType(given[name] ?? '');
    const similar = summed.has(name) && SIMILAR_WHOLE.test(has) && SIMILAR_WHOLE.test(wanted);
    const kept = isSameType(has, wanted) || similar || type.startsWith('AggregateFunction(');
    return kept ? column : `CAST(${column} AS ${wanted}) AS ${column}`;
  });
  return `(SELECT ${list.join(', ')} FROM (${select}))`;
}

const isSameType = (left: string, right: string): boolean =>
  canonicalExpression(left) === canonicalExpression(right);

/** A sum of decimals may have more digits than one of its parts. */
const widened = (type: string): string =>
  type.replace(
    /Decimal\((\d+),\s*(\d+)\)/,
    (_, digits, scale) => `Decimal(${Number(digits) > 38 ? 76 : 38}, ${scale})`,
  );

/** The statement that gives the types of the values on one side, in their order. */
export const describeSql = (side: string, values: readonly PlannedValue[]): string =>
  `DESCRIBE TABLE (SELECT ${values
    .map(({ expression }, index) => `${expression} AS _value_${index}`)
    .join(', ')} FROM ${side})`;

/** The statement that counts the buckets, and those that differ. */
export const countSql = (comparison: Comparison): string =>
  `SELECT count() AS buckets, countIf(_differs) AS different FROM (${comparedSql(comparison)})`;

/** The statement that gives the buckets that differ. */
export const differencesSql = (comparison: Comparison): string =>
  `SELECT * FROM (${comparedSql(comparison)}) WHERE _differs ORDER BY ${bucketNames(comparison)}`;

const bucketNames = ({ buckets }: Comparison): string =>
  buckets.map((_, index) => `_bucket_${index}`).join(', ');

/** Both sides by bucket, and whether they differ there. */
function comparedSql(comparison: Comparison): string {
  const { values, zerosVanish } = comparison;
  const names = bucketNames(comparison);
  const inside = ['source', 'target'].map((side, number) => {
    const is = `_side = ${number}`;
    return [
      `countIf(${is}) AS _rows_${side}`,
      ...values.flatMap(({ float }, index) => [
        // What is not there is nothing, or so many zeros.
        `if(countIf(${is}) = 0, '${zerosVanish ? '0' : ''}', maxIf(_text_${index}, ${is})) AS _${side}_${index}`,
        ...(float === undefined
          ? []
          : [`anyIf(_number_${index}, ${is}) AS _number_${side}_${index}`]),
        ...(float === 'one' ? [`maxIf(_scale_${index}, ${is}) AS _scale_${side}_${index}`] : []),
      ]),
    ].join(', ');
  });
  const differs = values.map((value, index) => `${differ(value, index)} AS _differs_${index}`);
  const any = [
    ...(zerosVanish ? [] : ['_rows_source != _rows_target']),
    ...values.map((_, index) => `_differs_${index}`),
  ];
  const shown = values.map((_, index) => `_source_${index}, _target_${index}`);
  return `SELECT ${[names, '_rows_source', '_rows_target', ...shown, ...differs].join(', ')},
      ${any.join(' OR ')} AS _differs
    FROM (SELECT ${names}, ${inside.join(', ')}
      FROM (${sideSql(comparison, comparison.source, 0)}
        UNION ALL ${sideSql(comparison, comparison.target, 1)})
      GROUP BY ${names})`;
}

/** One side by bucket, all values as text, and those that are floating-point ones as such as well. */
function sideSql(comparison: Comparison, from: string, side: number): string {
  const { buckets, values, where } = comparison;
  const list = [
    ...buckets.map((bucket, index) => `ifNull(toString(${bucket}), 'NULL') AS _bucket_${index}`),
    `toUInt8(${side}) AS _side`,
    ...values.flatMap(({ expression, float, summed }, index) => [
      `ifNull(toString(${expression}), 'NULL') AS _text_${index}`,
      ...(float === 'one'
        ? [
            `toFloat64(ifNull(${expression}, nan)) AS _number_${index}`,
            `toFloat64(${summed === undefined ? '0' : `ifNull(sum(abs(${quoteName(summed)})), 0)`}) AS _scale_${index}`,
          ]
        : []),
      ...(float === 'list'
        ? [`arrayMap(x -> toFloat64(ifNull(x, nan)), ${expression}) AS _number_${index}`]
        : []),
    ]),
  ];
  const rows = `${from}${whereClause(both(where))}`;
  return `SELECT ${list.join(', ')} FROM ${rows} GROUP BY ${bucketNames(comparison)}`;
}

/** Whether a value differs: floating-point ones beyond what the order of summation makes of them. */
function differ({ float, tolerance }: TypedValue, index: number): string {
  const texts = `_source_${index} != _target_${index}`;
  if (float === undefined) return `(${texts})`;
  const [left, right] = [`_number_source_${index}`, `_number_target_${index}`];
  if (float === 'one') {
    const own = `greatest(_scale_source_${index}, _scale_target_${index})`;
    // What has come to nearly nothing was as large as in other buckets.
    const larger = `greatest(abs(${left}), abs(${right}))`;
    const others = `max(if(isFinite(${larger}), ${larger}, 0)) OVER ()`;
    const scale = `greatest(${own}, ${OF_OTHERS} * (${others}))`;
    return `(${texts} AND NOT ${close(left, right, tolerance, scale)})`;
  }
  return `(${texts} AND NOT (length(${left}) = length(${right})
    AND arrayAll((x, y) -> ${close('x', 'y', tolerance)}, ${left}, arrayResize(${right}, length(${left})))))`;
}

const close = (left: string, right: string, tolerance: number, scale = '0'): string =>
  `(abs(${left} - ${right}) <= ${tolerance} * greatest(greatest(abs(${left}), abs(${right})), ${scale}) + ${LEAST})`;
