export { check } from './check.ts';
export { cluster } from './cluster.ts';
export { grants } from './grants.ts';
export { init } from './init.ts';
export { watch } from './watch.ts';
