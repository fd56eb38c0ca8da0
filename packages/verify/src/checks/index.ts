import type { ClusterCheck } from '../check.ts';
import { accessEntities } from './access-entities.ts';
import { access } from './access.ts';
import { accounts } from './accounts.ts';
import { bi } from './bi.ts';
import { clickhouseVersions } from './clickhouse-versions.ts';
import { clusterTopology } from './cluster-topology.ts';
import { coordination } from './coordination.ts';
import { ddlQueue } from './ddl-queue.ts';
import { distributedCount } from './distributed-count.ts';
import { distributionQueue } from './distribution-queue.ts';
import { droppedDuplicates } from './dropped-duplicates.ts';
import { functions } from './functions.ts';
import { internalReplication } from './internal-replication.ts';
import { macros } from './macros.ts';
import { materializedViews } from './materialized-views.ts';
import { monitoring } from './monitoring.ts';
import { mutations } from './mutations.ts';
import { namedCollections } from './named-collections.ts';
import { nativeAccess } from './native-access.ts';
import { nodeToNode } from './node-to-node.ts';
import { nodesAnswer } from './nodes-answer.ts';
import { objectStorage } from './object-storage.ts';
import { partHealth } from './part-health.ts';
import { partitions } from './partitions.ts';
import { placement } from './placement.ts';
import { readerContent } from './reader-content.ts';
import { readerPrivileges } from './reader-privileges.ts';
import { replicaContent } from './replica-content.ts';
import { replicaParts } from './replica-parts.ts';
import { replicaPaths } from './replica-paths.ts';
import { replicaState } from './replica-state.ts';
import { replicatedDatabase } from './replicated-database.ts';
import { schemaObjects } from './schema-objects.ts';
import { serverSettings } from './server-settings.ts';
import { shardRows } from './shard-rows.ts';
import { spread } from './spread.ts';
import { storagePolicies } from './storage-policies.ts';
import { tableDefinition } from './table-definition.ts';
import { timeZones } from './time-zones.ts';
import { ttl } from './ttl.ts';
import { unreplicatedTables } from './unreplicated-tables.ts';
import { valueRules } from './value-rules.ts';
import { workloads } from './workloads.ts';

/**
 * The checks that need nothing but the ClickHouse nodes, in the order that people read them: the
 * cluster, the tables, where the rows are, what they hold, what is still under way, who gets in.
 */
export const clusterChecks: readonly ClusterCheck[] = [
  nodesAnswer,
  clickhouseVersions,
  clusterTopology,
  nodeToNode,
  macros,
  timeZones,
  internalReplication,
  serverSettings,
  storagePolicies,
  workloads,
  replicatedDatabase,
  schemaObjects,
  functions,
  namedCollections,
  tableDefinition,
  ttl,
  unreplicatedTables,
  distributedCount,
  shardRows,
  placement,
  spread,
  replicaContent,
  partitions,
  materializedViews,
  valueRules,
  partHealth,
  objectStorage,
  mutations,
  droppedDuplicates,
  distributionQueue,
  coordination,
  replicaPaths,
  replicaState,
  replicaParts,
  ddlQueue,
  monitoring,
  accounts,
  accessEntities,
  access,
  nativeAccess,
  readerPrivileges,
  readerContent,
  bi,
];
