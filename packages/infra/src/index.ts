export * from './state/cache-folder.ts';
export * from './clickhouse/config.ts';
export * from './clickhouse/storage.ts';
export * from './clickhouse/users.ts';
export * from './clickhouse/coordination.ts';
export * from './state/deployment.ts';
export * from './state/deployment-file.ts';
export * from './cli/choose-runtime.ts';
export * from './docker/docker-runtime.ts';
export { COMPONENTS } from './components/index.ts';
export type { ContainerShape } from './components/container-side.ts';
export type { NativeShape } from './components/native-side.ts';
export { imagesUsed } from './docker/components.ts';
export { containerPlanOf } from './docker/container-plan.ts';
export {
  BUILT_IMAGES,
  type BuiltImage,
  IMAGE_NAMES,
  OFFICIAL_IMAGES,
  parseImages,
  type ImageName,
  type Images,
} from './docker/images.ts';
export {
  airflowGroupsOf,
  airflowImageOf,
  MODULE_GROUPS,
  readProvidedImages,
  type AirflowImage,
} from './docker/provided-images.ts';
export { readStateFile, writeStateFile } from './state/state-file.ts';
export { exists } from './system/exists.ts';
export { GoBuildError, GoMissingError, goProgram } from './system/go-program.ts';
export { goTarget } from './system/go-target.ts';
export { interruption } from './system/interruption.ts';
export { makeOnce } from './system/make-once.ts';
export { measureCpuPressure } from './system/cpu-pressure.ts';
export { retryUntil } from './system/retry-until.ts';
export { step } from './system/step.ts';
export { contentHash } from './system/content-hash.ts';
export { wholeNumber } from './system/whole-number.ts';
export { writeWhole } from './system/write-whole.ts';
export { lockFile, nameOf, PlatformBusyError, type LockOwner } from './state/lock.ts';
export { KEEPER_PORTS, renderKeeperConfig } from './clickhouse/keeper-config.ts';
export { LAUNCHER as EMBEDDED_LAUNCHER } from './native/engines/chdb.ts';
export {
  embeddedLibrary,
  libraryPackage,
  provideEmbeddedLibrary,
} from './native/engines/provided-library.ts';
export { examineEngine } from './native/engines/examine-engine.ts';
export { findServer, type FoundServer } from './native/engines/find-server.ts';
export { findZookeeper } from './native/engines/find-zookeeper.ts';
export { provideS3Proxy } from './native/s3proxy/programs.ts';
export { ALERTS_FILE } from './components/monitoring/alert-rules.ts';
export * from './components/monitoring/prometheus-client.ts';
export {
  findMonitoring,
  findTool,
  provideMonitoring,
  provideProgram,
  shareOf,
  MonitoringProgramError,
} from './components/monitoring/programs.ts';
export type { ChartData } from './components/chart-data.ts';
export { ChartToolError } from './components/chart-tool-error.ts';
export { chartsOfDemo, type DemoSource } from './components/demo-charts.ts';
export { metabaseAdmin } from './components/metabase/account.ts';
export { ensureDemo } from './components/metabase/demo-dashboard.ts';
export * from './components/metabase/metabase-client.ts';
export { supersetAdmin } from './components/superset/account.ts';
export { archiveOf, assetFiles, type AssetFiles } from './components/superset/assets.ts';
export * from './components/superset/superset-client.ts';
export { makeDump } from './native/superset/database-dump.ts';
export {
  findSuperset,
  provideSuperset,
  SUPERSET_PROJECT,
  SupersetProgramError,
} from './native/superset/programs.ts';
export { findPrograms } from './native/programs.ts';
export * from './backup/index.ts';
export { openBucket, StorageError, type Bucket, type BucketAccess } from './services/bucket.ts';
export * from './system/packet-filter.ts';
export {
  ZOOKEEPER_OPTIONS,
  zookeeperJars,
  zookeeperJava,
} from './native/engines/provided-zookeeper.ts';
export { JMX_METRICS, provideJmxAgent } from './native/jmx/jmx-agent.ts';
export { kafkaJars, kafkaJava, provideKafka } from './native/kafka/programs.ts';
export { providePythonGroup } from './native/python-group.ts';
export { provideStatsdExporter } from './native/statsd-exporter/program.ts';
export * from './native/kafka/topic-client.ts';
export * from './native/native-runtime.ts';
export { isLinuxRoot } from './system/linux-root.ts';
export {
  identityOf,
  isSameAlive,
  listProcesses,
  pidIn,
  signalProcess,
} from './system/processes.ts';
export * from './runtime.ts';
export * from './clickhouse/topology.ts';
