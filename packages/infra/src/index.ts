export * from './deployment.ts';
export * from './native/native-runtime.ts';
export * from './runtime.ts';
export * from './topology.ts';
