import { provideJmxAgent } from '../../native/jmx/jmx-agent.ts';
import { modulesOf } from '../../native/plan.ts';
import { statsdExporterOf } from '../../native/statsd-exporter/program.ts';
import type { NativeSide, ProgramSources } from '../native-side.ts';
import { MONITORING_ACCOUNT } from './account.ts';
import { provideAirflowMetrics, unscrapedOf } from './airflow-metrics.ts';
import { alertNames } from './alert-rules.ts';
import { alertmanagerConfigOf, alertmanagerProcess } from './alertmanager.ts';
import { receiversOf } from './alertmanager-config.ts';
import { hasAgent, metricsPrograms } from './metrics-programs.ts';
import { ALERTMANAGER_CONFIG, placesOf, PROMETHEUS_CONFIG, urlOf } from './places.ts';
import { postgresExporter } from './postgres-exporter.ts';
import { provideMonitoring, wordsOf } from './programs.ts';
import { prometheusConfigOf, prometheusProcess } from './prometheus.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { redisExporter } from './redis-exporter.ts';
import { statsdExporter } from './statsd-exporter.ts';
import { targetsOf } from './targets.ts';
import { verdictExporter } from './verdict-exporter.ts';

/** Prometheus and what belongs to it, as processes. */
export const monitoringProcesses: NativeSide = {
  isPart: ({ modules }) => modules.monitoring !== undefined,
  async provide(sources) {
    const { cache, message } = sources;
    const programs = await provideMonitoring({
      ...{ environment: process.env, cache },
      onDownload: (debian) =>
        message(`Downloading Debian's ${debian}; later starts take it from the cache.`),
    });
    const others = await Promise.all([provideAgent(sources), provideAirflowMetrics(sources)]);
    return [...wordsOf(programs), ...others.flat()];
  },
  ports: ({ airflow, engine, modules }) => [
    { name: 'prometheus', preferred: 9090 },
    { name: 'alertmanager', preferred: 9093 },
    { name: 'verdict-exporter', preferred: 9100 },
    ...(airflow
      ? [
          { name: 'postgres-exporter', preferred: 9187 },
          { name: 'redis-exporter', preferred: 9121 },
          { name: 'statsd-exporter', preferred: 9102 },
          { name: 'statsd', preferred: 9125, udp: true },
        ]
      : []),
    ...metricsPrograms({ engine, modules: modulesOf({ modules }) }).map(({ port }) => port),
  ],
  secrets: () => ['monitoring_password'],
  files: (context) => ({
    [PROMETHEUS_CONFIG]: prometheusConfigOf(context),
    [ALERTMANAGER_CONFIG]: alertmanagerConfigOf(context),
  }),
  processes(context) {
    const statsd = statsdExporterOf(context.plan);
    return [
      prometheusProcess(context),
      alertmanagerProcess(context),
      verdictExporter(context),
      ...(context.plan.airflow ? [postgresExporter(context), redisExporter(context)] : []),
      ...(statsd === undefined ? [] : [statsdExporter(context, statsd)]),
    ];
  },
  async describe({ plan, secrets }) {
    const url = urlOf(plan, 'prometheus');
    const version = await new PrometheusClient(url).version();
    const [targets, alerts] = [targetsOf(placesOf(plan)), await alertNames()];
    const alertmanager = {
      url: urlOf(plan, 'alertmanager'),
      sendsTo: receiversOf(secrets),
    };
    const unscraped = unscrapedOf(plan);
    return {
      monitoring: {
        ...{ url, version, user: MONITORING_ACCOUNT, targets, alerts, alertmanager },
        ...(unscraped.length > 0 && { unscraped }),
      },
    };
  },
};

/** The agent in programs of Java, where the platform has any. */
async function provideAgent({
  python,
  cache,
  message,
  ...shape
}: ProgramSources): Promise<readonly string[]> {
  if (!metricsPrograms(shape).some(hasAgent)) return [];
  const onDownload = (): void =>
    message('Downloading the JMX agent; later starts take it from the cache.');
  return [await provideJmxAgent({ python, cache, onDownload })];
}
