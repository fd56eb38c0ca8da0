export { check } from './check.ts';
export { cluster } from './cluster.ts';
export { init } from './init.ts';
