import type { DrillTarget } from './drill-target.ts';

/** Why a drill that needs replication cannot be run, if so. */
export const whyNoReplication = ({ deployment }: DrillTarget): string | undefined =>
  deployment.clickhouse.capabilities.replication === 'keeper'
    ? undefined
    : 'the tables of this platform do not replicate themselves: start one with infra:up --replication keeper';

/** Why a drill that breaks coordination cannot be run, if so. */
export function whyNoEnsemble({ deployment }: DrillTarget): string | undefined {
  const { coordination } = deployment.clickhouse;
  if (coordination === undefined) {
    return 'the platform has no coordination that can be broken: start one with infra:up --replication keeper';
  }
  const own = coordination.servers.filter(({ name }) => name !== undefined).length;
  return own >= 3 ? undefined : 'the ensemble was not started by Provehouse';
}

/** Why a drill that needs a second replica cannot be run, if so. */
export function whyNoPeer({ deployment }: DrillTarget): string | undefined {
  const { nodes } = deployment.clickhouse;
  const alone = nodes.some(
    ({ name, shard }) => !nodes.some((other) => other.shard === shard && other.name !== name),
  );
  return alone ? 'the shards have one replica each' : undefined;
}

/** With one replica down, replicated tables are written to the other; a Distributed table needs both. */
export const withOneReplicaDown = ({ deployment }: DrillTarget): 'accepted' | 'refused' =>
  deployment.clickhouse.capabilities.replication === 'keeper' ? 'accepted' : 'refused';
