import { METRICS_PATH, TABLE_METRICS_PATH } from '../../clickhouse/metrics.ts';
import type { Deployment } from '../../state/deployment.ts';
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
  redis: { path: '/metrics' },
  airflow: { path: '/metrics' },
  zookeeper: { path: '/metrics' },
  keeper: { path: '/metrics' },
  kafka: { path: '/metrics' },
} as const satisfies Readonly<Record<string, Job>>;

/** A target of one of these jobs. */
export type ScrapedJob = Target & { readonly job: keyof typeof JOBS };

/** Where Prometheus finds what it asks. */
export interface TargetPlaces {
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** Those that the platform has, as `host:port`. */
  readonly alertmanager?: string;
  readonly verdicts?: string;
  readonly postgres?: string;
  readonly redis?: string;
  readonly airflow?: string;
  readonly flower?: string;
  /** What serves metrics at a port of its own. */
  readonly programs?: readonly ScrapedJob[];
}

/** Everything of a platform that is scraped. */
export function targetsOf(places: TargetPlaces): ScrapedJob[] {
  const { nodes, alertmanager, verdicts, postgres, redis, airflow, flower, programs = [] } = places;
  const scraped = nodes.flatMap<ScrapedJob>(({ name, address }) =>
    (['clickhouse', 'clickhouse-tables'] as const).map((job) => ({
      ...{ job, component: name, address },
    })),
  );
  const own = [
    { job: 'alertmanager', component: 'alertmanager', address: alertmanager },
    { job: 'verdicts', component: 'verdict-exporter', address: verdicts },
    { job: 'postgres', component: 'postgres-exporter', address: postgres },
    { job: 'redis', component: 'redis-exporter', address: redis },
    { job: 'airflow', component: 'statsd-exporter', address: airflow },
    { job: 'celery', component: 'airflow-flower', address: flower },
  ] as const;
  return [
    ...scraped,
    ...programs,
    ...own.flatMap(({ address, ...target }) =>
      address === undefined ? [] : [{ ...target, address }],
    ),
  ];
}
