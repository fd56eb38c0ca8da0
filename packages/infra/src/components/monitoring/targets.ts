import { METRICS_PATH, TABLE_METRICS_PATH } from '../../clickhouse/metrics.ts';
import type { Plan } from '../../native/plan.ts';
import type { Deployment } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { TargetLogin } from './account.ts';

/** What Prometheus asks. */
export type Target = NonNullable<Deployment['monitoring']>['targets'][number];

/** Targets that are asked alike. */
export interface Job {
  readonly path: string;
  /** Whose login it takes. */
  readonly login?: TargetLogin['of'];
}

/** The jobs by name. */
export const JOBS = {
  clickhouse: { path: METRICS_PATH },
  'clickhouse-tables': { path: TABLE_METRICS_PATH, login: 'clickhouse' },
  celery: { path: '/metrics', login: 'flower' },
  alertmanager: { path: '/metrics', login: 'alertmanager' },
  verdicts: { path: '/metrics' },
  postgres: { path: '/metrics' },
} as const satisfies Readonly<Record<string, Job>>;

type ScrapedJob = Target & { readonly job: keyof typeof JOBS };

/** Everything of a platform that is scraped. */
export function targetsOf(plan: Plan): ScrapedJob[] {
  const nodes = nativeNodes(plan).flatMap<ScrapedJob>(({ name, host, httpPort }) =>
    (['clickhouse', 'clickhouse-tables'] as const).map((job) => ({
      ...{ job, component: name, address: `${host}:${httpPort}` },
    })),
  );
  const own = (job: 'alertmanager' | 'verdicts' | 'postgres', component: string): ScrapedJob => ({
    ...{ job, component, address: `127.0.0.1:${portOf(plan, component)}` },
  });
  const always = [
    ...nodes,
    own('alertmanager', 'alertmanager'),
    own('verdicts', 'verdict-exporter'),
  ];
  if (!plan.airflow) return always;
  const flower = `127.0.0.1:${portOf(plan, 'flower')}`;
  return [
    ...always,
    own('postgres', 'postgres-exporter'),
    { job: 'celery', component: 'airflow-flower', address: flower },
  ];
}
