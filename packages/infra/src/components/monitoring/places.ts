import { dirname, join } from 'node:path';
import { statsdExporterOf } from '../../native/statsd-exporter/program.ts';
import { portOf } from '../../system/ports.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { NativeContext } from '../native-side.ts';
import { loginsOf, type TargetLogin } from './account.ts';
import { metricsTargets } from './metrics-programs.ts';
import type { TargetPlaces } from './targets.ts';

/** Where everything of monitoring listens. */
export const HOST = '127.0.0.1';

/** Path of Prometheus' configuration in the folder of configuration; all files of monitoring are beside it. */
export const PROMETHEUS_CONFIG = 'prometheus/prometheus.yml';

export const ALERTMANAGER_CONFIG = 'prometheus/alertmanager.yml';

/** Where a process of monitoring answers. */
export const urlOf = (
  plan: NativeContext['plan'],
  port:
    | 'prometheus'
    | 'alertmanager'
    | 'verdict-exporter'
    | 'postgres-exporter'
    | 'redis-exporter'
    | 'statsd-exporter',
): string => `http://${HOST}:${portOf(plan, port)}`;

/** A file of monitoring's configuration. */
export const fileOf = ({ folder }: NativeContext, name: string): string =>
  join(folder.config, dirname(PROMETHEUS_CONFIG), name);

/** The file with the password of a login. */
export const passwordFileOf = (context: NativeContext, { of }: Pick<TargetLogin, 'of'>): string =>
  fileOf(context, `${of}.password`);

export const loginsOfPlatform = ({ plan, secrets }: NativeContext): TargetLogin[] =>
  loginsOf(secrets, { airflow: plan.airflow });

/** Where Prometheus finds what it asks. */
export const placesOf = (plan: NativeContext['plan']): TargetPlaces => ({
  nodes: nativeNodes(plan).map(({ name, host, httpPort }) => ({
    ...{ name, address: `${host}:${httpPort}` },
  })),
  alertmanager: addressOf(plan, 'alertmanager'),
  verdicts: addressOf(plan, 'verdict-exporter'),
  ...(plan.airflow && {
    postgres: addressOf(plan, 'postgres-exporter'),
    redis: addressOf(plan, 'redis-exporter'),
    flower: addressOf(plan, 'flower'),
  }),
  ...(statsdExporterOf(plan) !== undefined && { airflow: addressOf(plan, 'statsd-exporter') }),
  programs: metricsTargets(plan),
});

const addressOf = (plan: NativeContext['plan'], port: string): string =>
  `${HOST}:${portOf(plan, port)}`;
