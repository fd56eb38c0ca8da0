export * from './cache-folder.ts';
export * from './clickhouse-config.ts';
export * from './clickhouse-storage.ts';
export * from './clickhouse-users.ts';
export * from './coordination.ts';
export * from './deployment.ts';
export * from './choose-runtime.ts';
export * from './docker/docker-runtime.ts';
export { containerPlanOf } from './docker/container-plan.ts';
export {
  IMAGE_NAMES,
  imagesOf,
  OFFICIAL_IMAGES,
  parseImages,
  type ImageName,
  type Images,
} from './docker/images.ts';
export { readProvidedImages } from './docker/provided-images.ts';
export { writeStateFile } from './platform/state-file.ts';
export { lockFile, nameOf, PlatformBusyError, type LockOwner } from './platform/lock.ts';
export { KEEPER_PORTS, renderKeeperConfig } from './keeper-config.ts';
export { LAUNCHER as EMBEDDED_LAUNCHER } from './native/engines/chdb.ts';
export { examineEngine } from './native/engines/examine-engine.ts';
export { findServer, type FoundServer } from './native/engines/find-server.ts';
export { findZookeeper } from './native/engines/find-zookeeper.ts';
export * from './native/engines/packet-filter.ts';
export {
  ZOOKEEPER_OPTIONS,
  zookeeperJars,
  zookeeperJava,
} from './native/engines/provided-zookeeper.ts';
export * from './native/native-runtime.ts';
export { isLinuxRoot } from './platform/linux-root.ts';
export {
  identityOf,
  isSameAlive,
  listProcesses,
  pidIn,
  signalProcess,
} from './platform/processes.ts';
export * from './runtime.ts';
export * from './topology.ts';
