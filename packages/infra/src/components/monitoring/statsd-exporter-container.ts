import { readFile } from 'node:fs/promises';
import type { Deployment } from '../../state/deployment.ts';
import type { ContainerShape, ContainerSide } from '../container-side.ts';
import { metricsSettings } from './metrics-settings.ts';
import { MAPPING_FILE } from './statsd-exporter.ts';
import { watchesAirflow } from './watches-airflow.ts';

/** Where Prometheus finds it. */
export const STATSD_EXPORTER_INSIDE = 'statsd-exporter:9102';

/** What Airflow is given to send its metrics to it; Terraform's module has the port, too. */
export const METRICS_SENT_INSIDE = metricsSettings({ host: 'statsd-exporter', port: 9125 });

/** What takes the metrics that Airflow sends, as one container; all else of monitoring does without. */
export const statsdExporterContainer: ContainerSide = {
  isPart: watchesAirflow,
  images: ['statsd_exporter'],
  dispensable: true,
  files: async () => ({ 'prometheus/statsd-mapping.yml': await readFile(MAPPING_FILE, 'utf8') }),
  // Terraform has it with Airflow and the module unless it is said that it must not.
  variables: (plan) => (whyUnscraped(plan) === undefined ? {} : { enable_statsd_exporter: false }),
};

type Shape = Pick<ContainerShape, 'airflow' | 'modules' | 'unavailable'>;

/** Whether a platform has it: it may be left out. */
export const takesMetrics = (shape: Shape): boolean =>
  watchesAirflow(shape) && whyUnscraped(shape) === undefined;

/** Why a platform with Airflow and monitoring is without it, if it is. */
const whyUnscraped = (shape: Shape): string | undefined =>
  watchesAirflow(shape) ? shape.unavailable?.['statsd_exporter'] : undefined;

/** What the deployment says where it was left out. */
export function unscrapedInside(
  shape: Shape,
): Pick<NonNullable<Deployment['monitoring']>, 'unscraped'> {
  const reason = whyUnscraped(shape);
  if (reason === undefined) return {};
  return { unscraped: [{ job: 'airflow', reason: `statsd-exporter was left out: ${reason}.` }] };
}
