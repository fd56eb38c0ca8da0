import { isReplicated } from './write-paths.ts';
import type { Capabilities, Deployment } from '@provehouse/infra';
import type { Contract, DistributedTable, LocalTable, Table, View } from '../contract/contract.ts';
import { distributedTables } from '../contract/contract.ts';
import { canonicalExpression, engineArguments } from './definition-text.ts';
import { databaseOf } from './named-table.ts';

/** A table's definition as a node has it. */
export interface FoundDefinition {
  readonly engine: string;
  readonly engine_full: string;
  readonly partition_key: string;
  readonly sorting_key: string;
  readonly primary_key: string;
  readonly sampling_key: string;
  readonly create_table_query: string;
}

/** What a server makes of a SELECT of the contract; undefined where it cannot write queries. */
export type WrittenSelect = string | undefined;

export interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly default_type: string;
  readonly default_expression: string;
}

/** A part of a definition that is not as the contract says. */
export interface Difference extends Record<string, string> {
  readonly part: string;
  readonly expected: string;
  readonly observed: string;
}

const ENGINES = {
  view: 'View',
  'materialized-view': 'MaterializedView',
  dictionary: 'Dictionary',
} as const;

/** What of the engine, the keys and the tables below is not as the contract says. */
export function layoutDifferences(
  deployment: Deployment,
  contract: Contract,
  table: Table | View,
  found: FoundDefinition,
  select?: WrittenSelect,
): Difference[] {
  switch (table.kind) {
    case 'local':
      return localDifferences(deployment, table, found);
    case 'distributed':
      return distributedDifferences(deployment, contract, table, found);
    case 'materialized-view':
      return [
        ...compare('engine', ENGINES[table.kind], found.engine),
        ...(table.to === undefined ? [] : targetDifferences(deployment, table.to, found)),
        ...selectDifferences(databaseOf(deployment, table), select, found),
      ];
    default:
      return [
        ...compare('engine', ENGINES[table.kind], found.engine),
        ...selectDifferences(databaseOf(deployment, table), select, found),
      ];
  }
}

/** The engine that a contract states where tables replicate in this way, if it states one. */
function statedEngine(
  engine: LocalTable['engine'],
  replication: Capabilities['replication'],
): string | undefined {
  if (typeof engine !== 'object') return engine;
  return replication === 'shared'
    ? engine.keeper.replace(/^Replicated/, 'Shared')
    : engine[replication];
}

function localDifferences(
  { clickhouse }: Deployment,
  { engine, orderBy, partitionBy, unpartitioned }: LocalTable,
  found: FoundDefinition,
): Difference[] {
  const expected = statedEngine(engine, clickhouse.capabilities.replication);
  const partition = unpartitioned ? '' : partitionBy;
  return [
    ...(expected === undefined ? [] : engineDifferences(expected, found)),
    ...(orderBy === undefined ? [] : compare('ORDER BY', orderBy, found.sorting_key)),
    ...(partition === undefined ? [] : compare('PARTITION BY', partition, found.partition_key)),
  ];
}

/** The arguments are compared where the contract names some; a replicated table's path and name need not be. */
function engineDifferences(
  expected: string,
  { engine, engine_full }: FoundDefinition,
): Difference[] {
  const name = compare('engine', expected.replace(/\(.*$/s, '').trim(), engine);
  if (name.length > 0 || !expected.includes('(')) return name;
  const named = engineArguments(expected);
  const all = engineArguments(engine_full);
  const own = isReplicated(engine) && all.length === named.length + 2 ? all.slice(2) : all;
  return compare('engine arguments', named.join(', '), own.join(', '));
}

function distributedDifferences(
  deployment: Deployment,
  contract: Contract,
  table: DistributedTable,
  found: FoundDefinition,
): Difference[] {
  const { clickhouse } = deployment;
  const local = distributedTables(contract).find((pair) => pair.table === table)?.local;
  const [cluster = '', database = '', over = '', key = ''] = engineArguments(found.engine_full);
  return [
    ...compare('engine', 'Distributed', found.engine),
    ...compare('cluster', clickhouse.cluster, cluster.replace('{cluster}', clickhouse.cluster)),
    ...compare('database below', databaseOf(deployment, local ?? table), database),
    ...compare('table below', local?.name ?? table.over, over),
    ...(table.shardingKey === undefined ? [] : compare('sharding key', table.shardingKey, key)),
  ];
}

function targetDifferences(
  { clickhouse }: Deployment,
  expected: string,
  { create_table_query }: FoundDefinition,
): Difference[] {
  const [, target = ''] = /^CREATE MATERIALIZED VIEW \S+ TO (\S+)/.exec(create_table_query) ?? [];
  const qualified = expected.includes('.') ? expected : `${clickhouse.database}.${expected}`;
  return compare('table that it fills', qualified, target);
}

/** The server names the view's own database where the contract need not. */
function selectDifferences(
  database: string,
  expected: WrittenSelect,
  { create_table_query }: FoundDefinition,
): Difference[] {
  if (expected === undefined) return [];
  const [, found = ''] =
    /\bAS ((?:SELECT|WITH|\()[^]*?)(?: COMMENT '(?:[^'\\]|\\.)*')?$/.exec(create_table_query) ?? [];
  const unqualified = (select: string): string =>
    select.replaceAll('`', '').replaceAll(`${database}.`, '');
  return compare('SELECT', unqualified(expected), unqualified(found));
}

/** The difference between two expressions, if there is one. */
export function compare(part: string, expected: string, observed: string): Difference[] {
  if (canonicalExpression(expected) === canonicalExpression(observed)) return [];
  return [{ part, expected: expected || 'none', observed: observed || 'none' }];
}

/** The columns that a contract names for a table; a Distributed one has those of the table below it. */
export function columnsOf(
  contract: Contract,
  table: Table | View,
): Pick<LocalTable, 'columns' | 'exactColumns'> {
  if (table.kind !== 'distributed') return table;
  const local = distributedTables(contract).find((pair) => pair.table === table)?.local;
  return local ?? { columns: {}, exactColumns: false };
}

/** What a server adds to EPHEMERAL where nothing was said. */
const NOTHING_SAID = /^EPHEMERAL defaultValueOfTypeName\(.*\)$/;

function definitionOf({ type, default_type, default_expression }: FoundColumn): string {
  const origin = `${default_type} ${default_expression}`.replace(NOTHING_SAID, 'EPHEMERAL');
  return `${type} ${origin}`.trim();
}

/** Columns that are not as the contract says; where it names them all, none besides and in their order. */
export function columnDifferences(
  { columns: expected, exactColumns }: Pick<LocalTable, 'columns' | 'exactColumns'>,
  found: readonly FoundColumn[],
): Difference[] {
  const observed = Object.fromEntries(found.map((column) => [column.name, definitionOf(column)]));
  const others = exactColumns ? Object.keys(observed) : [];
  const names = [...new Set([...Object.keys(expected), ...others])];
  const types = names.flatMap((name) =>
    compare(`column ${name}`, expected[name] ?? '', observed[name] ?? ''),
  );
  if (types.length > 0 || !exactColumns) return types;
  return compare('columns', Object.keys(expected).join(', '), Object.keys(observed).join(', '));
}
