import { engineArguments, writtenArguments } from '../clickhouse/definition-text.ts';
import type { UserTable } from '../clickhouse/user-tables.ts';
import type { TableKeys } from './ask-keys.ts';
import { plainName } from '../contract/names.ts';

/** A table as a contract of version 2 says it, with what holds in any case. */
export interface ContractTable {
  readonly name: string;
  readonly database: string;
  readonly kind: 'table' | 'distributed';
  readonly partitionBy?: string;
  readonly over?: string;
  readonly shardingKey?: string;
  readonly spread?: Readonly<Record<string, never>>;
}

/** A table that no contract can name, or whose rows no check looks at, and why. */
export interface LeftOut {
  readonly table: string;
  readonly reason: string;
}

/** What a contract can say of some tables, and of which it can say nothing. */
export interface ContractTables {
  readonly tables: readonly ContractTable[];
  readonly leftOut: readonly LeftOut[];
}

/** Engines whose definitions are compared, and that hold no rows of their own. */
const WITHOUT_ROWS = ['View', 'MaterializedView', 'LiveView', 'WindowView', 'Dictionary', 'Null'];

/**
 * The tables that hold rows, each with its partition key by `database.name`, and those that spread
 * them over the cluster.
 */
export function contractTables(
  tables: readonly UserTable[],
  cluster: string,
  keys: ReadonlyMap<string, TableKeys>,
): ContractTables {
  const outcomes = tables
    .filter(({ engine, name }) => !WITHOUT_ROWS.includes(engine) && !name.startsWith('.inner'))
    .toSorted((left, right) => nameOf(left).localeCompare(nameOf(right)))
    .map((table) => ({ table, outcome: describe(table, tables, cluster, keys) }));
  return {
    tables: outcomes.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome])),
    leftOut: outcomes.flatMap(({ table, outcome }) =>
      typeof outcome === 'string' ? [{ table: nameOf(table), reason: outcome }] : [],
    ),
  };
}

/** A table for the contract, or the reason why it cannot be in one. */
function describe(
  table: UserTable,
  tables: readonly UserTable[],
  cluster: string,
  keys: ReadonlyMap<string, TableKeys>,
): ContractTable | string {
  const { database, name, engine, engineFull } = table;
  if (![database, name].every(isPlain)) {
    return 'a contract names tables of letters, digits and _ alone';
  }
  if (isMergeTree(table)) {
    const partitionBy = keys.get(nameOf(table))?.partition ?? '';
    return { name, database, kind: 'table', ...(partitionBy !== '' && { partitionBy }) };
  }
  if (engine !== 'Distributed')
    return `its engine is ${engine}: rows are compared of the MergeTree family alone`;
  const [named = '', overDatabase = '', over = ''] = engineArguments(engineFull);
  if (named !== cluster && named !== '{cluster}')
    return `it spreads rows over another cluster, ${named}`;
  const local = tables.find(
    (other) => other.name === over && other.database === (overDatabase || database),
  );
  if (local === undefined || !isMergeTree(local) || ![local.database, local.name].every(isPlain)) {
    return `the table below it, ${overDatabase || database}.${over}, is none of the MergeTree family on the node that was asked`;
  }
  const [, , , shardingKey] = writtenArguments(engineFull);
  return {
    ...{ name, database, kind: 'distributed', over: nameOf(local) },
    ...(shardingKey !== undefined && { shardingKey, spread: {} }),
  };
}

const isMergeTree = ({ engine }: UserTable): boolean => engine.endsWith('MergeTree');

const isPlain = (name: string): boolean => plainName.safeParse(name).success;

const nameOf = ({ database, name }: UserTable): string => `${database}.${name}`;
