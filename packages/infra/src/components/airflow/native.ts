import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { airflowApi, putConnections } from '../../airflow/connections.ts';
import { airflowEnvironment } from '../../airflow/environment.ts';
import { AirflowError } from '../../airflow/airflow-error.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import { askAccount } from '../../native/airflow-account.ts';
import {
  AIRFLOW_PARENT,
  airflowParent,
  aloneCommand,
  forkedCommand,
} from '../../native/airflow-parent.ts';
import type { NativeProcess } from '../../native/component.ts';
import { firstOf } from '../../state/deployment.ts';
import { memoize, memoizeEach } from '../../system/memoize.ts';
import { portOf } from '../../system/ports.ts';
import { apiLogin } from '../api/native.ts';
import { nativeCapabilities } from '../clickhouse/native.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import { tasksLogin } from '../kafka/native.ts';
import { sentMetrics } from '../monitoring/airflow-metrics.ts';
import { verdictsFolder } from '../monitoring/verdict-exporter.ts';
import { platformBucket } from '../storage/native.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { AIRFLOW_COMPONENTS, COMMANDS, type AirflowComponentName } from './commands.ts';
import { SCRAPED_FLOWER } from './flower.ts';
import { airflowUrl, describeAirflow, hasPage, PAGE_PORTS } from './pages.ts';
import { probesOf } from './probes.ts';

const HOST = '127.0.0.1';
const ENVIRONMENT = 'airflow/environment.json';

const BUDGET_SECONDS = 120;

/** Airflow as processes: the six of every Airflow, and the parent that they are forked from. */
export const airflowProcesses: NativeSide = {
  isPart: ({ airflow }) => airflow,
  startOrder: 3,
  ports: () => [...PAGE_PORTS, { name: 'scheduler-health', preferred: 8974 }],
  processes,
  files: (context) => ({ [ENVIRONMENT]: JSON.stringify(environmentOf(context), null, 2) }),
  async describe(context) {
    const { flower_version } = await airflowAccount(context);
    return { airflow: await describeAirflow(context.plan, context.secrets, flower_version) };
  },
  stopWave(process) {
    // Tasks that are ending still report to the api-server.
    if (process === 'airflow-api-server') return 'second';
    return /^airflow-(?!parent)/.test(process) ? 'first' : undefined;
  },
};

/** The administrator's account of a platform, asked once. */
export const airflowAccount = memoizeEach(({ programs, secrets }: NativeContext) =>
  askAccount(programs.python, secrets),
);

function processes(context: NativeContext): NativeProcess[] {
  const { plan } = context;
  const environmentFile = join(context.folder.config, ENVIRONMENT);
  const prepare = memoize(() => prepareAirflow(context, environmentFile));
  const shared = { probeIntervalMs: 150, budgetSeconds: BUDGET_SECONDS, prepare };
  const probes = probesOf(context);
  const ports: Partial<Record<AirflowComponentName, number>> = {
    'airflow-api-server': portOf(plan, 'airflow'),
    'airflow-flower': portOf(plan, 'flower'),
    'airflow-scheduler': portOf(plan, 'scheduler-health'),
  };
  const forked = AIRFLOW_COMPONENTS.map((name): NativeProcess => {
    const port = ports[name];
    return {
      name,
      command: forkedCommand(programsOf(context), environmentFile, COMMANDS[name]),
      ...(port !== undefined && { address: `${HOST}:${port}` }),
      ...(port !== undefined && hasPage(name) && { url: `http://${HOST}:${port}` }),
      ...shared,
      after: [AIRFLOW_PARENT, 'postgres', 'redis'],
      probe: probes[name],
      // Flower gives the workers a second to answer.
      ...(name === 'airflow-worker' && { slowProbe: true }),
      ...(name === 'airflow-api-server' && {
        provision: () => provisionAirflow(context, environmentFile),
      }),
    };
  });
  return [airflowParent(programsOf(context), { environmentFile, ...shared }), ...forked];
}

const programsOf = ({ folder, programs: { python, airflow } }: NativeContext) => ({
  ...{ folder, python, program: airflow },
});

/** The environment of all components. */
function environmentOf({ folder, plan, secrets }: NativeContext): Record<string, string> {
  const first = firstOf(nativeNodes(plan));
  const environment = airflowEnvironment({
    secrets,
    database: createTopology(plan).database,
    folders: {
      home: join(folder.data, 'airflow'),
      dags: plan.dagsFolder,
      taskLogs: folder.taskLogs,
      parserLogs: join(folder.logs, 'dag-processor'),
    },
    places: {
      listenHost: HOST,
      apiPort: portOf(plan, 'airflow'),
      flowerPort: portOf(plan, 'flower'),
      schedulerHealthPort: portOf(plan, 'scheduler-health'),
      internalUrl: airflowUrl(plan),
      url: airflowUrl(plan),
      postgres: { host: HOST, port: portOf(plan, 'postgres') },
      redis: { host: HOST, port: portOf(plan, 'redis') },
      clickhouse: { host: first.host, port: first.httpPort },
    },
  });
  const monitored = {
    ...SCRAPED_FLOWER,
    ...sentMetrics(plan, HOST),
    // Where the DAG quality_report leaves its verdicts for Prometheus.
    PROVEHOUSE_VERDICTS: verdictsFolder(folder),
  };
  return { ...environment, ...(plan.modules.monitoring && monitored) };
}

async function prepareAirflow(context: NativeContext, environmentFile: string): Promise<void> {
  const { folder } = context;
  await mkdir(dirname(environmentFile), { recursive: true });
  await mkdir(join(folder.data, 'airflow'), { recursive: true });
  await mkdir(folder.taskLogs, { recursive: true });
  const environment = environmentOf(context);
  await writeFile(environmentFile, JSON.stringify(environment, null, 2), { mode: 0o600 });
  // Airflow writes a file with secrets of its own where it finds none.
  await writeFile(join(folder.data, 'airflow', 'airflow.cfg'), '# Settings come by environment.\n');
}

async function provisionAirflow(context: NativeContext, environmentFile: string): Promise<void> {
  const { plan, secrets } = context;
  await putConnections(airflowApi(airflowUrl(plan), secrets), {
    ...{ secrets, topology: createTopology(plan), nodes: nativeNodes(plan) },
    capabilities: await nativeCapabilities(context),
    ...(plan.modules.kafka && { kafka: tasksLogin(plan, secrets) }),
    ...(plan.modules.storage && { storage: platformBucket(plan, secrets) }),
    ...(plan.modules.api && { api: apiLogin(plan, secrets) }),
  });
  if (secrets.airflow_fernet_key_previous === undefined) return;
  // What users have added is still encrypted with the key before.
  const command = aloneCommand(programsOf(context), environmentFile, ['rotate-fernet-key']);
  const { exitCode, stderr } = await $({ quiet: true, nothrow: true })`${command}`;
  if (exitCode !== 0) {
    const lastWords = stderr.trim().split('\n').slice(-5).join('\n');
    throw new AirflowError(`Connections could not be encrypted with the new key:\n${lastWords}`);
  }
}
