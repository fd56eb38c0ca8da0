export { ClickHouseCluster, type AccountOptions } from './clickhouse-cluster.ts';
export {
  ClusterOptionError,
  type Account,
  type FixedPorts,
  type TopologyOptions,
} from './cluster-options.ts';
export { ClusterStartError } from './cluster-start-error.ts';
export { DEFAULT_IMAGES } from './image.ts';
export { CLUSTER_LABEL, COMPONENT_LABEL } from './member-container.ts';
export { MemberError, MemberExitedError } from './member-error.ts';
export { NetworkCutError } from './network-cuts.ts';
export { RemovalError } from './removal.ts';
export { StartedClickHouseCluster } from './started-cluster.ts';
export { StartedKeeper } from './started-keeper.ts';
export { StartedClickHouseNode, type NodeClientOptions } from './started-node.ts';
