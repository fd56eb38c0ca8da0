import type { Deployment } from '@provehouse/infra';
import { stringify } from 'yaml';
import type { Contract } from '../contract/contract.ts';
import { parseContract } from '../contract/read-contract.ts';
import { contractTables, type ContractTable, type ContractTables } from './contract-tables.ts';
import type { DiscoveredCluster } from './discover-cluster.ts';
import { isChosen, type TableChoice } from './table-choice.ts';

/** The deployment of a cluster that somebody else runs; the secrets are in a file beside it. */
export const deploymentOf = ({ clickhouse, embedded }: DiscoveredCluster): Deployment => ({
  formatVersion: 1,
  ...{ name: clickhouse.cluster, runtime: 'external', engine: embedded ? 'chdb' : 'server' },
  createdAt: new Date().toISOString(),
  clickhouse,
  ...{ components: [], secretsFile: 'secrets.env', logFolders: [] },
});

/** What a contract can say of those tables of a cluster that are meant. */
export const chosenTables = (
  { clickhouse, tables, keys }: DiscoveredCluster,
  choice: TableChoice,
): ContractTables =>
  contractTables(
    tables.filter((table) => isChosen(table, choice)),
    clickhouse.cluster,
    keys,
  );

/** The contract that asks for nothing but what holds of any table: that all nodes have the same. */
export function contractOf({ tables }: ContractTables): Contract {
  const written = (about: readonly ContractTable[]): Contract =>
    parseContract(stringify({ version: 2, tables: about }), 'what was found on the cluster');
  // One that people write must be about something; what was found may be nothing.
  return tables.length > 0 ? written(tables) : { ...written([NONE]), tables: [] };
}

const NONE: ContractTable = { name: 'none', database: 'none', kind: 'table' };

/** What was found, a line for each kind of thing, before anything is judged. */
export function describeDiscovery(
  { clickhouse, members, tables }: DiscoveredCluster,
  { tables: judged, leftOut }: ContractTables,
): string[] {
  const reached = members.filter(({ node }) => node !== undefined).length;
  const shards = new Set(members.map(({ member }) => member.shard_num)).size;
  const databases = new Set(judged.map(({ database }) => database)).size;
  const away = members.filter(({ node }) => node === undefined);
  return [
    `${clickhouse.cluster}: ${count(shards, 'shard')}, ${count(members.length, 'node')}, ${reached === members.length ? 'all' : reached} reached; ClickHouse ${clickhouse.version}`,
    `${count(judged.length, 'table')} with rows in ${count(databases, 'database')}, of ${tables.length} tables and views whose definitions are compared`,
    ...away.map(
      ({ member, tried }) =>
        `not reached: ${member.host_name}:${member.port}: ${tried.join('; ')}. If it is elsewhere from here, say where with --map or its URL.`,
    ),
    ...leftOut.map(({ table, reason }) => `rows not compared: ${table}: ${reason}`),
  ];
}

const count = (number: number, word: string): string =>
  `${number} ${word}${number === 1 ? '' : 's'}`;
