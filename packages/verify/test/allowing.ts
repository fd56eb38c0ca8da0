import type { ClusterContext } from '../src/check.ts';
import type { AllowedDifferences } from '../src/contract/allowed-differences.ts';

/** A context whose contract says what may differ. */
export const allowing = (
  context: ClusterContext,
  ...allow: AllowedDifferences
): ClusterContext => ({ ...context, contract: { ...context.contract, allow } });
