import type { Finding } from '../verdict.ts';

/** What checks of Distributed tables say where the contract names none. */
export const NO_DISTRIBUTED_TABLE: Finding = {
  status: 'skipped',
  expected: 'a Distributed table',
  observed: 'none in the contract',
  reason: 'The contract names no Distributed table.',
};
