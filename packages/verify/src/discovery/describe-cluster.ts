import type { Deployment } from '@provehouse/infra';
import { stringify } from 'yaml';
import type { Contract } from '../contract/contract.ts';
import { parseContract } from '../contract/read-contract.ts';
import { urlOf } from './cluster-url.ts';
import { contractTables, type ContractTable, type ContractTables } from './contract-tables.ts';
import type { DiscoveredCluster } from './discover-cluster.ts';
import type { SharedAddress } from './shared-address.ts';
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
  discovered: DiscoveredCluster,
  { tables: judged, leftOut }: ContractTables,
): string[] {
  const { clickhouse, members, tables } = discovered;
  const reached = members.filter(({ node }) => node !== undefined).length;
  const shards = new Set(members.map(({ member }) => member.shard_num)).size;
  const databases = new Set(judged.map(({ database }) => database)).size;
  const away = members.filter(({ node }) => node === undefined);
  return [
    `${clickhouse.cluster}: ${count(shards, 'shard')}, ${count(members.length, 'node')}, ${reached === members.length ? 'all' : reached} reached; ClickHouse ${clickhouse.version}`,
    `${count(judged.length, 'table')} with rows in ${count(databases, 'database')}, of ${tables.length} tables and views whose definitions are compared`,
    ...describeShares(discovered),
    ...away.map(
      ({ member, tried }) =>
        `not reached: ${member.host_name}:${member.port}: ${tried.join('; ')}. If it is elsewhere from here, say where with --map or its URL.`,
    ),
    ...leftOut.map(({ table, reason }) => `rows not compared: ${table}: ${reason}`),
  ];
}

/** Which way was gone to nodes that share an address, and what that cannot prove, a line for each. */
export const describeShares = ({ clickhouse, shared }: DiscoveredCluster): string[] =>
  shared.flatMap((one) => describeShare(one, clickhouse.nodes));

function describeShare(
  { address, names, byRequest }: SharedAddress,
  nodes: Deployment['clickhouse']['nodes'],
): string[] {
  const through = nodes.filter(
    ({ host, httpPort, answersAs }) =>
      host === address.host && httpPort === address.port && answersAs !== undefined,
  );
  if (through.length === 0) return [];
  const way = byRequest
    ? `it gives each request to another node, so that a question is sent about ${names.length} times until the node that is meant answers`
    : 'it gives each connection to a node, and one is kept for each node that is meant';
  return [
    `${through.map(({ name }) => name).join(', ')} are reached through ${urlOf(address)}, behind which several nodes answer: ${way}. Each answer is known by the name that the server gives itself. That a node has an address of its own, and who may log in at its native port, is not proven.`,
  ];
}

const count = (number: number, word: string): string =>
  `${number} ${word}${number === 1 ? '' : 's'}`;
