export * from './deployment.ts';
export * from './topology.ts';
