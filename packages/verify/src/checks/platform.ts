import type { PlatformCheck, RunlessCheck } from '../check.ts';
import { airflowVersions } from './airflow-versions.ts';
import { componentHealth } from './component-health.ts';
import { connections } from './connections.ts';
import { dagDefinition } from './dag-definition.ts';
import { reconciliation } from './reconciliation.ts';
import { repeatRun } from './repeat-run.ts';
import { runOutcome } from './run-outcome.ts';
import { secretLeaks } from './secret-leaks.ts';

/**
 * The checks that need Airflow or a run. `repeat-run` is last because it must run alone, after all
 * that read the tables.
 */
export const platformChecks: readonly (RunlessCheck | PlatformCheck)[] = [
  componentHealth,
  dagDefinition,
  connections,
  runOutcome,
  airflowVersions,
  reconciliation,
  secretLeaks,
  repeatRun,
];
