export * from './cache-folder.ts';
export * from './clickhouse-config.ts';
export * from './clickhouse-storage.ts';
export * from './deployment.ts';
export * from './native/native-runtime.ts';
export * from './runtime.ts';
export * from './topology.ts';
