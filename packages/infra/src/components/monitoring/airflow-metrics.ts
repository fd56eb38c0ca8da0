import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../native/plan.ts';
import { providePythonGroup, PythonGroupError } from '../../native/python-group.ts';
import { provideStatsdExporter, statsdExporterOf } from '../../native/statsd-exporter/program.ts';
import type { Deployment } from '../../state/deployment.ts';
import { GoBuildError, GoMissingError } from '../../system/go-program.ts';
import { portOf } from '../../system/ports.ts';
import type { ProgramSources } from '../native-side.ts';
import { metricsSettings } from './metrics-settings.ts';

type Unscraped = NonNullable<NonNullable<Deployment['monitoring']>['unscraped']>;

/**
 * What Airflow's own metrics need: the program that serves them, and the Python package that Airflow sends
 * them with. Where it cannot be had, the platform is without them, which is said; everything else of
 * monitoring does without.
 */
export async function provideAirflowMetrics({
  airflow,
  python,
  cache,
  message,
}: Pick<ProgramSources, 'airflow' | 'python' | 'cache' | 'message'>): Promise<readonly string[]> {
  if (!airflow) return [];
  try {
    const environment = process.env;
    const program = await provideStatsdExporter({ environment, cache, progress: message });
    // The installer takes seconds to find that nothing is missing.
    if (!(await hasStatsd(python))) await providePythonGroup('monitoring');
    return [program];
  } catch (error) {
    if (!ABSENCES.some((kind) => error instanceof kind)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    message(`Starting without Airflow's own metrics; all else is scraped. ${reason}`);
    return [];
  }
}

/** Whether the environment of that Python has what Airflow sends its metrics with. */
async function hasStatsd(python: string): Promise<boolean> {
  const found = glob('lib/python3*/site-packages/statsd', { cwd: join(python, '../..') });
  return !(await found.next()).done;
}

const ABSENCES = [GoMissingError, GoBuildError, PythonGroupError] as const;

/** What a platform with monitoring has and Prometheus does not see, with the reason. */
export const unscrapedOf = (plan: Pick<Plan, 'airflow' | 'modules'>): Unscraped =>
  plan.airflow && statsdExporterOf(plan) === undefined
    ? [
        {
          job: 'airflow',
          reason:
            "The platform was started without the program for Airflow's own metrics: put statsd_exporter, or a Go that builds it, on PATH, then infra:down and infra:up, which says what it lacks.",
        },
      ]
    : [];

/** What Airflow is given to send its metrics; nothing where nobody would take them. */
export const sentMetrics = (
  plan: Pick<Plan, 'modules' | 'ports'>,
  host: string,
): Record<string, string> =>
  statsdExporterOf(plan) === undefined
    ? {}
    : metricsSettings({ host, port: portOf(plan, 'statsd') });
