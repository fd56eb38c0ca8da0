import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidenceRow, EVIDENCE_ROWS, type EvidenceRow } from '../clickhouse/evidence.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import { valueType } from './aggregate-functions.ts';
import {
  countSql,
  describeSql,
  differencesSql,
  sourceSide,
  type Comparison,
  type Sides,
  type TypedValue,
} from './comparison-sql.ts';
import { askFilledView, targetOf, type AskedView, type NotComparable } from './filled-view.ts';
import type { FilledView } from './judged-views.ts';
import { planValues, unsteadyColumns, type PlannedValue } from './planned-values.ts';

/** What a node says of a view's source and target. */
export interface Compared {
  readonly buckets: number;
  /** How many of them differ. */
  readonly different: number;
  /** What people read of the values that were compared. */
  readonly values: readonly string[];
  /** The first buckets that differ. */
  readonly shown: readonly EvidenceRow[];
  /** Columns of which it is not known how they add up. */
  readonly unjudged: readonly string[];
  /** The statement that gives all buckets that differ. */
  readonly sql: string;
}

const countRow = z.object({ buckets: z.coerce.number(), different: z.coerce.number() });
const typeRow = z.object({ type: z.string() });

/** What to write where it is not known how columns add up. */
export const stateAggregates = ([column = 'column']: readonly string[]): string =>
  `State under \`aggregates\` how they add up, such as { ${column}: sum }, or { ${column}: none } for what cannot be compared.`;

/** Compares a view's source with its target on one node, bucket by bucket. @throws QueryError */
export async function compareView(
  client: NodeClient,
  deployment: Deployment,
  view: FilledView,
  hasPeers: boolean,
): Promise<Compared | NotComparable> {
  const asked = await askFilledView(client, deployment, view, hasPeers);
  if ('observed' in asked) return asked;
  const { target, given } = asked;
  const buckets = typeof view.bucket === 'string' ? [view.bucket] : view.bucket;
  const columns = Object.fromEntries(
    Object.entries(target.columns).filter(([name]) => Object.hasOwn(given, name)),
  );
  const read = [...buckets, ...(view.where === undefined ? [] : [view.where])];
  const [unsteady] = unsteadyColumns(target, columns, read);
  if (unsteady !== undefined) {
    const reason = `State \`bucket\` and \`where\` by columns of the sorting key (${target.sortingKey}).`;
    return { observed: `merging leaves one of several values in ${unsteady}`, reason };
  }
  const { aggregates = {} } = view;
  const plan = planValues({ target, columns, rowByRow: asked.rowByRow, aggregates });
  const sides = sidesOf(deployment, view, asked, columns, plan.values);
  const { values, unknown } = await typed(client, sides, plan.values, asked);
  const unjudged = [...plan.unjudged, ...unknown];
  if (values.length === 0) {
    const observed = `no column is known to add up: ${unjudged.join(', ') || 'the SELECT gives none of the target'}`;
    return { observed, reason: stateAggregates(unjudged) };
  }
  const zerosVanish = target.engine.endsWith('SummingMergeTree');
  const comparison = { ...sides, buckets, where: view.where, values, zerosVanish };
  const [counted] = await client.query(countSql(comparison), countRow);
  const { buckets: all, different } = counted ?? { buckets: 0, different: 0 };
  const sql = differencesSql(comparison);
  const rows =
    different === 0 ? [] : await client.query(`${sql} LIMIT ${EVIDENCE_ROWS}`, evidenceRow);
  return {
    ...{ buckets: all, different, unjudged, sql },
    values: values.map(({ name }) => name),
    shown: shownRows(comparison, rows),
  };
}

function sidesOf(
  deployment: Deployment,
  view: FilledView,
  { select, given }: AskedView,
  columns: Readonly<Record<string, string>>,
  values: readonly PlannedValue[],
): Sides {
  const summed = new Set(values.flatMap((value) => value.summed ?? []));
  return {
    source: sourceSide(select, given, columns, summed),
    target: qualifiedName(deployment, targetOf(deployment, view)),
  };
}

/** How the results of values are compared; those with floating-point numbers deep inside are not. */
async function typed(
  client: NodeClient,
  { source, target }: Sides,
  values: readonly PlannedValue[],
  { given, target: { columns } }: AskedView,
): Promise<{ values: TypedValue[]; unknown: string[] }> {
  if (values.length === 0) return { values: [], unknown: [] };
  const [left, right] = await Promise.all(
    [source, target].map((side) => client.query(describeSql(side, values), typeRow)),
  );
  const described = values.map((value, index) => {
    const types = [left, right].map((side) => valueType(side?.[index]?.type ?? ''));
    const floats = types.filter((type) => /Float/.test(type));
    const one = floats.every((type) => /^(?:Nullable\()?B?Float/.test(type));
    const list = types.every((type) =>
      /^Array\((?:Nullable\()?(?:B?Float|Decimal|U?Int)/.test(type),
    );
    const read =
      value.column === undefined ? '' : `${columns[value.column]}, ${given[value.column]}`;
    return {
      ...value,
      float: floats.length === 0 ? undefined : one ? ('one' as const) : ('list' as const),
      tolerance: /Float32|BFloat16/.test(read) ? 1e-6 : 1e-9,
      comparable: floats.length === 0 || one || list,
    };
  });
  return {
    values: described.filter(({ comparable }) => comparable),
    unknown: described.flatMap(({ comparable, name }) => (comparable ? [] : [name])),
  };
}

/** Buckets with the values of both sides that differ in one of them. */
function shownRows(
  { buckets, values, zerosVanish }: Comparison,
  rows: readonly EvidenceRow[],
): EvidenceRow[] {
  const differing = values
    .map(({ name }, index) => ({ name, index }))
    .filter(({ index }) => rows.some((row) => Number(row[`_differs_${index}`]) !== 0));
  const said = (row: EvidenceRow, side: string, index: number): EvidenceRow[string] =>
    Number(row[`_rows_${side}`]) === 0 && !zerosVanish
      ? 'no such bucket'
      : (row[`_${side}_${index}`] ?? null);
  return rows.map((row) => ({
    ...Object.fromEntries(
      buckets.map((bucket, index) => [bucket, row[`_bucket_${index}`] ?? null]),
    ),
    ...Object.fromEntries(
      differing.flatMap(({ name, index }) => [
        [`${name} in the source`, said(row, 'source', index)],
        [`${name} in the target`, said(row, 'target', index)],
      ]),
    ),
  }));
}
