import { readFile } from 'node:fs/promises';
import type { Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { addressInside } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { FLOWER_INSIDE } from '../airflow/flower.ts';
import { containerNodes } from '../clickhouse/nodes.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { loginsOf, MONITORING_ACCOUNT } from './account.ts';
import { alertNames, ALERTS_FILE } from './alert-rules.ts';
import { receiversOf } from './alertmanager-config.ts';
import { ALERTMANAGER_INSIDE, FOLDER } from './alertmanager-container.ts';
import { describeGrafana } from './grafana-container.ts';
import { POSTGRES_EXPORTER_INSIDE } from './postgres-exporter-container.ts';
import { programsInside } from './programs-inside.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { renderPrometheus } from './prometheus-config.ts';
import { REDIS_EXPORTER_INSIDE } from './redis-exporter-container.ts';
import {
  STATSD_EXPORTER_INSIDE,
  takesMetrics,
  unscrapedInside,
} from './statsd-exporter-container.ts';
import { targetsOf, type TargetPlaces } from './targets.ts';
import { VERDICT_EXPORTER_INSIDE } from './verdict-exporter-container.ts';

/** Prometheus as one container, in the networks of what it asks. */
export const monitoringContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('monitoring'),
  images: ['prometheus'],
  keepsData: true,
  ports: () => [{ name: 'prometheus', preferred: 9090 }],
  secrets: () => ['monitoring_password'],
  files,
  async describe({ plan, secrets }) {
    const url = `http://127.0.0.1:${portOf(plan, 'prometheus')}`;
    const version = await new PrometheusClient(url).version();
    const [targets, alerts] = [targetsOf(placesOf(plan)), await alertNames()];
    const grafana = await describeGrafana(plan, secrets);
    const alertmanager = {
      url: `http://127.0.0.1:${portOf(plan, 'alertmanager')}`,
      sendsTo: receiversOf(secrets),
      inside: ALERTMANAGER_INSIDE,
    };
    return {
      monitoring: {
        ...{ url, version, user: MONITORING_ACCOUNT, targets, alerts, alertmanager },
        ...grafana,
        ...unscrapedInside(plan),
      },
    };
  },
  hasPage: (component) => component === 'prometheus',
};

const ALERTMANAGER_ADDRESS = `${ALERTMANAGER_INSIDE.host}:${ALERTMANAGER_INSIDE.port}`;

const placesOf = (plan: ContainerPlan): TargetPlaces => ({
  nodes: containerNodes(plan).map((node) => {
    const { host, httpPort } = addressInside(node);
    return { name: node.name, address: `${host}:${httpPort}` };
  }),
  alertmanager: ALERTMANAGER_ADDRESS,
  verdicts: VERDICT_EXPORTER_INSIDE,
  programs: programsInside(plan),
  ...(plan.airflow && {
    postgres: POSTGRES_EXPORTER_INSIDE,
    redis: REDIS_EXPORTER_INSIDE,
    flower: FLOWER_INSIDE,
  }),
  ...(takesMetrics(plan) && { airflow: STATSD_EXPORTER_INSIDE }),
});

async function files(plan: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const logins = loginsOf(secrets, plan);
  const config = renderPrometheus({
    targets: targetsOf(placesOf(plan)),
    rulesFile: `${FOLDER}/alerts.yml`,
    alertmanager: ALERTMANAGER_ADDRESS,
    logins: logins.map(({ of, user }) => ({
      ...{ of, user, passwordFile: `${FOLDER}/${of}.password` },
    })),
  });
  return {
    'prometheus/prometheus.yml': config,
    'prometheus/alerts.yml': await readFile(ALERTS_FILE, 'utf8'),
    ...Object.fromEntries(
      logins.map(({ of, password }) => [`prometheus/${of}.password`, password]),
    ),
  };
}
