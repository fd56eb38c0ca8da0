import type { Drill } from './drill.ts';
import type { DrillTarget } from './drill-target.ts';
import { replicasThatHave, type Guarantee } from './guarantee.ts';

/** Why a drill that needs replication cannot be run, if so. */
export const whyNoReplication = ({ deployment }: DrillTarget): string | undefined =>
  deployment.clickhouse.capabilities.replication === 'keeper'
    ? undefined
    : 'the tables of this platform do not replicate themselves: start one with infra:up --replication keeper';

/** Why a drill cannot make the tables that it writes to, if so. */
export const whyNoTables = (
  { workload }: Pick<Drill, 'workload'>,
  { deployment }: DrillTarget,
): string | undefined =>
  workload === 'writes' && deployment.clickhouse.capabilities.replicatedDatabase
    ? 'the tables of drills are made ON CLUSTER with paths of their own, which a Replicated database refuses: start a platform with infra:up --database-engine atomic'
    : undefined;

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

/**
 * With one replica of a shard away, replicated tables are written to the others as long as enough are left
 * for what inserts ask for; a Distributed table that writes to all replicas itself needs every one.
 */
export function withOneReplicaAway(
  { deployment }: DrillTarget,
  guarantee: Guarantee,
): 'accepted' | 'refused' {
  const { capabilities, nodes } = deployment.clickhouse;
  if (capabilities.replication !== 'keeper') return 'refused';
  const shards = new Set(nodes.map(({ shard }) => shard)).size;
  const left = nodes.length / shards - 1;
  return left >= replicasThatHave(guarantee, deployment) ? 'accepted' : 'refused';
}
