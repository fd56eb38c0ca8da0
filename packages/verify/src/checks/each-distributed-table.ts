import {
  distributedTables,
  type Contract,
  type DistributedTable,
  type LocalTable,
} from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/** What checks of Distributed tables say where the contract names none. */
export const NO_DISTRIBUTED_TABLE: Finding = {
  status: 'skipped',
  expected: 'a Distributed table',
  observed: 'none in the contract',
  reason: 'The contract names no Distributed table.',
};

/** The findings about all Distributed tables of a contract, judged side by side. */
export async function eachDistributedTable(
  contract: Contract,
  judge: (table: DistributedTable, local: LocalTable) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const tables = distributedTables(contract);
  if (tables.length === 0) return [NO_DISTRIBUTED_TABLE];
  return (await Promise.all(tables.map(({ table, local }) => judge(table, local)))).flat();
}
