import { writtenArguments } from '../clickhouse/definition-text.ts';
import type { UserTable } from '../clickhouse/user-tables.ts';
import { columnName } from '../contract/names.ts';
import { isReplicated } from '../clickhouse/write-paths.ts';
import type { DefinedColumn } from './ask-columns.ts';
import type { TableKeys } from './ask-keys.ts';

/** What a contract says of a table that holds rows: its engine, keys and columns, as they are. */
export interface StatedTable {
  readonly engine: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly orderBy: string;
  readonly partitionBy: string;
}

/**
 * The engine, keys and columns of a table; no columns where one has a name that a contract cannot
 * have.
 */
export function statedTable(
  { engine, engineFull }: UserTable,
  keys: TableKeys,
  columns: readonly DefinedColumn[],
): StatedTable {
  const nameable = columns.every(({ name }) => columnName.safeParse(name).success);
  return {
    engine: engineText(engine, writtenArguments(engineFull)),
    ...(nameable &&
      columns.length > 0 && {
        columns: Object.fromEntries(columns.map((column) => [column.name, columnText(column)])),
      }),
    orderBy: keys.sorting === '' ? 'tuple()' : keys.sorting,
    partitionBy: keys.partition === '' ? 'tuple()' : keys.partition,
  };
}

/**
 * An engine with its arguments, without a replicated table's path and name, which hold the node's
 * macros.
 */
function engineText(engine: string, written: readonly string[]): string {
  const replicated = isReplicated(engine) && written.length >= 2;
  const own = replicated ? written.slice(2) : written;
  return own.length === 0 ? engine : `${engine}(${own.join(', ')})`;
}

/** What an EPHEMERAL column has where no expression was written. */
const NO_EXPRESSION = /^defaultValueOfTypeName\(/;

function columnText({ type, kind, expression }: DefinedColumn): string {
  const shown = kind === 'EPHEMERAL' && NO_EXPRESSION.test(expression) ? '' : expression;
  return [type, kind, shown].filter((part) => part !== '').join(' ');
}
