import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { airflowApi, putConnections } from '../../airflow/connections.ts';
import { airflowEnvironment } from '../../airflow/environment.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { findContainer } from '../../docker/containers.ts';
import { docker, EngineError } from '../../docker/engine.ts';
import { addressInside, firstOf } from '../../state/deployment.ts';
import { pollUntil } from '../../system/poll.ts';
import { containerCapabilities } from '../clickhouse/container.ts';
import { apiLoginInside } from '../api/container.ts';
import { containerNodes } from '../clickhouse/nodes.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { tasksLoginInside } from '../kafka/container.ts';
import { METRICS_SENT_INSIDE, takesMetrics } from '../monitoring/statsd-exporter-container.ts';
import { bucketInside } from '../storage/container.ts';
import { SCRAPED_FLOWER } from './flower.ts';
import { provideNodeInside } from './node-inside.ts';
import { airflowUrl, describeAirflow, hasPage, PAGE_PORTS } from './pages.ts';
import {
  reportEnvironment,
  reportProgram,
  REPORTS_FOLDER,
  reportVariables,
} from './quality-report-inside.ts';

const PARSE_BUDGET_SECONDS = 120;

/** Scripts that Airflow's containers run, as they are in this package. */
const SCRIPTS = {
  'with_environment.py': '../../airflow/with_environment.py',
  'migrate.py': '../../airflow/migrate.py',
  'idle_scheduler.py': '../../native/forked_airflow/idle_scheduler.py',
};

/** Airflow in containers, one for each component and each worker. */
export const airflowContainers: ContainerSide = {
  isPart: ({ airflow }) => airflow,
  provide: () => provideNodeInside(),
  images: ['airflow'],
  ports: () => PAGE_PORTS,
  files,
  fetched: () => reportProgram,
  written: () => [REPORTS_FOLDER],
  variables: ({ airflow, workers, dagsFolder }) => ({
    enable_airflow: airflow,
    airflow_workers: workers,
    dags_folder: dagsFolder,
    ...(airflow && reportVariables()),
  }),
  async settle(context, signal) {
    const { name, plan, secrets } = context;
    const api = airflowApi(airflowUrl(plan), secrets);
    await putConnections(api, {
      ...{ secrets, topology: createTopology(plan), nodes: containerNodes(plan) },
      capabilities: await containerCapabilities(context),
      ...(plan.modules.includes('kafka') && { kafka: tasksLoginInside(secrets) }),
      ...(plan.modules.includes('api') && { api: apiLoginInside(secrets) }),
      ...(plan.modules.includes('storage') && { storage: bucketInside(secrets) }),
    });
    const { startedAt } = await findContainer(name, 'airflow-dag-processor');
    await pollUntil(() => api.hasParsedSince(startedAt), {
      ...{ seconds: PARSE_BUDGET_SECONDS, intervalMs: 300, signal },
      otherwise: () =>
        new EngineError(
          `Expected the DAG files to be parsed within ${PARSE_BUDGET_SECONDS} s; none was. ` +
            'See infra:logs airflow-dag-processor.',
        ),
    });
  },
  describe: async ({ name, plan, secrets }) => ({
    airflow: await describeAirflow(plan, secrets, await flowerVersionOf(name)),
    containerLogs: {
      container: `provehouse-${name}-airflow-api-server`,
      folder: '/opt/airflow/logs',
    },
  }),
  hasPage,
};

async function files(plan: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const inside = addressInside(firstOf(containerNodes(plan)));
  const environment = airflowEnvironment({
    secrets,
    database: createTopology(plan).database,
    folders: {
      home: '/opt/airflow',
      dags: '/opt/airflow/dags',
      taskLogs: '/opt/airflow/logs',
      parserLogs: '/opt/airflow/logs/dag-processor',
    },
    places: {
      ...{ listenHost: '0.0.0.0', apiPort: 8080, flowerPort: 5555, schedulerHealthPort: 8974 },
      internalUrl: 'http://airflow-api-server:8080',
      url: airflowUrl(plan),
      postgres: { host: 'postgres', port: 5432 },
      redis: { host: 'redis', port: 6379 },
      clickhouse: { host: inside.host, port: inside.httpPort },
    },
  });
  const scripts = await Promise.all(
    Object.entries(SCRIPTS).map(async ([script, file]) => [
      `airflow/${script}`,
      await readFile(join(import.meta.dirname, file), 'utf8'),
    ]),
  );
  return {
    'airflow/environment.json': JSON.stringify(
      {
        ...environment,
        ...reportEnvironment(plan),
        ...(plan.modules.includes('monitoring') && SCRAPED_FLOWER),
        ...(takesMetrics(plan) && METRICS_SENT_INSIDE),
      },
      null,
      2,
    ),
    'airflow/administrator.json': JSON.stringify({
      username: secrets.airflow_admin_user,
      password: secrets.airflow_admin_password,
    }),
    ...Object.fromEntries(scripts),
  };
}

/** Flower does not report its version, so the installed package is asked. */
async function flowerVersionOf(name: string): Promise<string> {
  const { id } = await findContainer(name, 'airflow-flower');
  const script = 'import importlib.metadata as m; print(m.version("flower"))';
  return docker(['exec', id, 'python3', '-c', script]);
}
