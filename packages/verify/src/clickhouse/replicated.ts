import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import type { Finding } from '../verdict.ts';
import type { NodeClient } from './cluster.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { databaseOf, isOneOf } from './named-table.ts';

const replicaRow = z.looseObject({
  database: z.string(),
  table: z.string(),
  is_readonly: z.coerce.number(),
  is_session_expired: z.coerce.number(),
  is_leader: z.coerce.number(),
  zookeeper_path: z.string(),
  replica_name: z.string(),
  replica_path: z.string(),
  queue_size: z.coerce.number(),
  absolute_delay: z.coerce.number(),
  total_replicas: z.coerce.number(),
  active_replicas: z.coerce.number(),
  /** The newest entry of the table's log, and the first one that the replica has not read. */
  log_max_index: z.coerce.number(),
  log_pointer: z.coerce.number(),
  /** Absent in old versions. */
  lost_part_count: z.coerce.number().optional(),
  /** Why what is read from coordination is unknown; absent in old versions. */
  zookeeper_exception: z.string().optional(),
});

/** A row of `system.replicas` (https://clickhouse.com/docs/operations/system-tables/replicas). */
export type Replica = z.infer<typeof replicaRow>;

/** Why there is no state of replication to look at. */
const WITHOUT = {
  'distributed-writes':
    'Replicas get their rows from a Distributed table here: there is no state to look at.',
  shared:
    'All nodes read the same parts from storage that they share (SharedMergeTree): there are no replicas with a state of their own, and what holds them together is not shown to accounts.',
} as const;

/** The finding instead of a check of replication on a cluster whose tables do not replicate themselves. */
export function withoutReplication({ deployment }: ClusterContext): Finding | undefined {
  const { replication } = deployment.clickhouse.capabilities;
  if (replication === 'keeper') return undefined;
  return {
    status: 'skipped',
    expected: 'tables that replicate themselves',
    observed: `replication by ${replication}`,
    reason: WITHOUT[replication],
  };
}

/** The engine that the contract gives a table where tables replicate, if it says one. */
const statedEngine = ({ engine }: LocalTable): string | undefined =>
  typeof engine === 'object' ? engine.keeper : engine;

/** Whether the contract has a local table as one that replicates itself. */
const replicates = (table: LocalTable): boolean =>
  statedEngine(table)?.startsWith('Replicated') ?? false;

/** Findings instead of those of replication for the tables that have no replicas, and need none by the contract. */
export const plainTables = (
  { contract, deployment }: ClusterContext,
  replicas: readonly Replica[],
): Finding[] =>
  localTables(contract)
    .filter((table) => !replicates(table) && !has(deployment, replicas)(table))
    .map((table) => ({
      status: 'skipped',
      subject: table.name,
      expected: 'a table that replicates itself',
      observed: statedEngine(table) ?? 'no replicas',
      reason:
        'The contract has it as no table that replicates itself: there are no replicas to look at.',
    }));

/** The statement that gives a node's replicas of the contract's local tables. */
export const replicasSql = (context: ClusterContext): string =>
  `SELECT * FROM system.replicas
    WHERE ${isLocalTable(context)}
    ORDER BY table`;

/** The condition that a row of a system table is of one of the contract's local tables. */
export const isLocalTable = ({ deployment, contract }: ClusterContext): string =>
  isOneOf(deployment, localTables(contract));

/** A node's replicas of the contract's local tables. @throws QueryError */
export const replicasOf = async (
  context: ClusterContext,
  client: NodeClient,
): Promise<Replica[]> =>
  localTables(context.contract).length === 0 ? [] : client.query(replicasSql(context), replicaRow);

/** Whether a node has a replica of a local table. */
const has =
  (deployment: Deployment, replicas: readonly Replica[]) =>
  (local: LocalTable): boolean =>
    replicas.some(
      ({ database, table }) => table === local.name && database === databaseOf(deployment, local),
    );

/** Findings for the tables of which a node should have a replica and has none. */
export const absentReplicas = (
  { contract, deployment }: ClusterContext,
  node: string,
  replicas: readonly Replica[],
): Finding[] =>
  localTables(contract)
    .filter((local) => replicates(local) && !has(deployment, replicas)(local))
    .map(({ name }) => ({
      status: 'failed',
      subject: name,
      node,
      expected: 'a replica of the table',
      observed: 'none in system.replicas',
      reason: `Create the table on ${node} with a replicated engine.`,
    }));
