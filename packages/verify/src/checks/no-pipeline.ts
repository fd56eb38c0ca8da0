import type { Finding } from '../verdict.ts';

/** What a check of the pipeline finds when the contract describes none. */
export const NO_PIPELINE: Finding = {
  status: 'skipped',
  expected: 'a pipeline in the contract',
  observed: 'none',
  reason: 'The contract describes tables only: there is no DAG to look at.',
};
