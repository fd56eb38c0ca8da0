import type { Rule } from '../rules/index.ts';
import { isMeant } from './contract.ts';
import { keyColumns } from './key-columns.ts';
import { isRecord, listOf, type RawTable } from './raw-contract.ts';
import type { Problem } from './schema-problems.ts';

/** A column that something names, and where it does. */
interface Named {
  readonly path: readonly PropertyKey[];
  readonly column: string;
}

const KEYS = ['orderBy', 'partitionBy', 'primaryKey', 'sampleBy', 'shardingKey'];

/** Columns that rules, keys and statistics name and that the tables, which name all theirs, do not have. */
export const unknownColumns = (tables: readonly RawTable[]): Problem[] =>
  tables.flatMap((table) => {
    const owner = table.kind === 'distributed' ? tableOf(tables, table.fields['over']) : table;
    const place = ['tables', table.index];
    return [
      ...missing(owner, [...keys(table), ...statistics(table)], place),
      ...(table.kind === 'materialized-view'
        ? missing(tableOf(tables, table.fields['to']), compared(table), place)
        : []),
      ...[...table.rules].flatMap(([index, rule]) => [
        ...missing(table, columnsOf(rule), [...place, 'rules', index]),
        ...(rule.rule === 'reference'
          ? missing(
              tableOf(tables, rule.table),
              [{ path: ['key'], column: rule.key }],
              [...place, 'rules', index],
            )
          : []),
      ]),
    ];
  });

const tableOf = (tables: readonly RawTable[], reference: unknown): RawTable | undefined =>
  tables.find(
    ({ name, database }) =>
      name !== undefined && typeof reference === 'string' && isMeant(reference, { name, database }),
  );

function missing(
  table: RawTable | undefined,
  named: readonly Named[],
  place: readonly PropertyKey[],
): Problem[] {
  const known = table?.columns;
  if (known === undefined) return [];
  return named
    .filter(({ column }) => !has(known, column))
    .map(({ path, column }) => ({
      path: [...place, ...path],
      message: `${table?.name ?? 'the table'} has no column ${column} (${[...known].join(', ')})`,
    }));
}

/** Columns of the server begin with `_`, and a column of tuples or Nested ones has columns inside. */
const has = (known: ReadonlySet<string>, column: string): boolean =>
  column.startsWith('_') || known.has(column) || known.has(column.split('.')[0] ?? '');

/** Every field in which a rule names columns of its table. */
const columnsOf = (rule: Rule): Named[] =>
  (['column', 'by', 'columns', 'groupBy'] as const).flatMap((field) => {
    const value: unknown = field in rule ? Reflect.get(rule, field) : undefined;
    if (typeof value === 'string') return [{ path: [field], column: value }];
    if (!Array.isArray(value)) return [];
    return value.map((column, index) => ({ path: [field, index], column: String(column) }));
  });

const keys = ({ fields }: RawTable): Named[] =>
  KEYS.flatMap((key) => {
    const expression = fields[key];
    if (typeof expression !== 'string') return [];
    return keyColumns(expression).map((column) => ({ path: [key], column }));
  });

const statistics = ({ fields }: RawTable): Named[] =>
  ['groupBy', 'measure'].flatMap((field) => {
    const column = isRecord(fields['statistics']) ? fields['statistics'][field] : undefined;
    return typeof column === 'string' ? [{ path: ['statistics', field], column }] : [];
  });

/** Columns of the table that a view fills, by which it is compared with the view's source. */
const compared = ({ fields: { bucket, aggregates } }: RawTable): Named[] => [
  ...keyColumns(typeof bucket === 'string' ? bucket : '').map((column) => ({
    ...{ path: ['bucket'], column },
  })),
  ...listOf(bucket).flatMap((expression, index) =>
    keyColumns(String(expression)).map((column) => ({ path: ['bucket', index], column })),
  ),
  ...(isRecord(aggregates)
    ? Object.keys(aggregates).map((column) => ({ path: ['aggregates', column], column }))
    : []),
];
