import type { Capabilities } from '../state/deployment.ts';

/** What a cluster can do and what not, in one line for people. */
export function describeCapabilities(capabilities: Capabilities): string {
  const { replication, distributedDdl, exchangeTables, replicatedDatabase, sqlUsers } =
    capabilities;
  const abilities = [
    ['ReplicatedMergeTree', replication === 'keeper'],
    [`ON CLUSTER${replicatedDatabase ? ' outside its Replicated database' : ''}`, distributedDdl],
    ['EXCHANGE TABLES', exchangeTables],
    ['CREATE USER', sqlUsers],
  ] as const;
  const named = (able: boolean): string =>
    abilities.flatMap(([name, is]) => (is === able ? [name] : [])).join(', ');
  return [named(true) || 'none of what follows', named(false) && `not ${named(false)}`]
    .filter((part) => part !== '')
    .join('; ');
}
