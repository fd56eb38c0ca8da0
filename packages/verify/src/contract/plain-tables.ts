import type { ClusterContext } from '../check.ts';
import { reasonToDiffer } from './allowed-differences.ts';
import { localTables } from './contract.ts';

/**
 * Why a table, `database.name`, may be of the MergeTree family and not replicated on a cluster whose
 * tables replicate: by an entry of the contract's `allow`, or because the contract states such an
 * engine. Undefined when the contract says nothing of the kind.
 */
export function plainOnPurpose(
  { contract, deployment: { clickhouse } }: ClusterContext,
  table: string,
): string | undefined {
  const allowed = reasonToDiffer(contract.allow, 'unreplicated-table', table);
  if (allowed !== undefined) return allowed;
  if (clickhouse.capabilities.replication !== 'keeper') return undefined;
  const stated = localTables(contract).find(
    ({ name, database = clickhouse.database }) => `${database}.${name}` === table,
  )?.engine;
  const engine = typeof stated === 'object' ? stated.keeper : stated;
  return engine === undefined || engine.startsWith('Replicated')
    ? undefined
    : `the contract says that it is ${engine}`;
}
