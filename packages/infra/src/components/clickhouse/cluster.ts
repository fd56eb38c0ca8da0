import type { Secrets } from '@provehouse/secrets';
import { DDL_QUEUE } from '../../clickhouse/config.ts';
import { SESSION_TIMEOUT_MS } from '../../clickhouse/coordination.ts';
import { untilQueueIsWatched } from '../../clickhouse/ddl-queue.ts';
import type { DatabaseEngine } from '../../clickhouse/engine.ts';
import { askClusterSize, askVersion, createDatabaseOnCluster } from '../../clickhouse/node.ts';
import type { Topology } from '../../clickhouse/topology.ts';
import {
  firstOf,
  type Capabilities,
  type ClickHouseNode,
  type Deployment,
} from '../../state/deployment.ts';

type Clickhouse = Deployment['clickhouse'];

/** The cluster of a platform, as either runtime has it. */
export interface Cluster {
  readonly topology: Pick<Topology, 'cluster' | 'database'>;
  readonly nodes: readonly ClickHouseNode[];
  readonly secrets: Secrets;
  readonly databaseEngine: DatabaseEngine;
  /** What nodes agree through, as this machine reaches it; absent where nothing replicates. */
  readonly coordination?: Pick<NonNullable<Clickhouse['coordination']>, 'kind' | 'servers'>;
  /** How it comes that replicas replicate, or why they do not, where servers would need no word for it. */
  readonly replicationNote?: string;
}

/**
 * Resolves once statements, or else queries, of the first node reach all nodes.
 * @throws ClickHouseNodeError, CoordinationError when they do not
 */
export async function untilWhole(cluster: Cluster): Promise<void> {
  const { topology, nodes, secrets, databaseEngine, coordination } = cluster;
  const wanted = { cluster: topology.cluster, expected: nodes.length };
  if (coordination === undefined) return askClusterSize(firstOf(nodes), secrets, wanted);
  // Others may watch things in somebody else's ensemble.
  if (coordination.kind !== 'existing') {
    await untilQueueIsWatched(coordination.servers, nodes.length);
  }
  const { database } = topology;
  await createDatabaseOnCluster(firstOf(nodes), secrets, { ...wanted, database, databaseEngine });
}

/** The cluster's part of the deployment. */
export async function describeCluster(
  { topology, nodes, secrets, coordination, replicationNote }: Cluster,
  capabilities: Capabilities,
): Promise<Clickhouse> {
  const { cluster, database } = topology;
  return {
    ...{ cluster, database, nodes: [...nodes] },
    internalReplication: coordination !== undefined,
    version: await askVersion(firstOf(nodes), secrets),
    capabilities,
    ...(replicationNote !== undefined && { replicationNote }),
    ...(coordination && {
      coordination: {
        ...coordination,
        ddlQueue: DDL_QUEUE,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
      },
    }),
    users: { administrator: secrets.super_user_name, reader: secrets.bi_user_name },
  };
}
