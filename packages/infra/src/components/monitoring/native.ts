import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import { portOf } from '../../system/ports.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { loginsOf, MONITORING_ACCOUNT } from './account.ts';
import { alertNames, ALERTS_FILE } from './alert-rules.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { renderPrometheus } from './prometheus-config.ts';
import { providePrometheus } from './prometheus-program.ts';
import { targetsOf, type TargetPlaces } from './targets.ts';

const HOST = '127.0.0.1';
const CONFIG = 'prometheus/prometheus.yml';
const RULES = 'alerts.yml';

/** What is kept: whichever limit is reached first. */
const RETENTION = ['--storage.tsdb.retention.time=7d', '--storage.tsdb.retention.size=512MB'];

/** Prometheus as one process. */
export const monitoringProcess: NativeSide = {
  isPart: ({ modules }) => modules.monitoring !== undefined,
  async provide({ cache, message }) {
    const { prometheus } = await providePrometheus({
      ...{ environment: process.env, cache },
      onDownload: () =>
        message("Downloading Debian's Prometheus; later starts take it from the cache."),
    });
    return prometheus;
  },
  ports: () => [{ name: 'prometheus', preferred: 9090 }],
  secrets: () => ['monitoring_password'],
  files: (context) => ({ [CONFIG]: configOf(context) }),
  processes: (context) => [server(context)],
  async describe({ plan }) {
    const url = urlOf(plan);
    const version = await new PrometheusClient(url).version();
    const [targets, alerts] = [targetsOf(placesOf(plan)), await alertNames()];
    return { monitoring: { url, version, user: MONITORING_ACCOUNT, targets, alerts } };
  },
};

const urlOf = (plan: NativeContext['plan']): string =>
  `http://${HOST}:${portOf(plan, 'prometheus')}`;

const placesOf = (plan: NativeContext['plan']): TargetPlaces => ({
  nodes: nativeNodes(plan).map(({ name, host, httpPort }) => ({
    ...{ name, address: `${host}:${httpPort}` },
  })),
  ...(plan.airflow && { flower: `${HOST}:${portOf(plan, 'flower')}` }),
});

const fileOf = ({ folder }: NativeContext, name: string): string =>
  join(folder.config, dirname(CONFIG), name);

const loginsOfPlatform = ({ plan, secrets }: NativeContext) =>
  loginsOf(secrets, { airflow: plan.airflow });

const configOf = (context: NativeContext): string =>
  renderPrometheus({
    targets: targetsOf(placesOf(context.plan)),
    rulesFile: fileOf(context, RULES),
    logins: loginsOfPlatform(context).map(({ of, user }) => ({
      ...{ of, user, passwordFile: fileOf(context, `${of}.password`) },
    })),
  });

function server(context: NativeContext): NativeProcess {
  const { folder, plan } = context;
  const { monitoring: command = [] } = plan.modules;
  const configFile = join(folder.config, CONFIG);
  const dataFolder = join(folder.data, 'prometheus');
  const url = urlOf(plan);
  const client = new PrometheusClient(url);
  return {
    name: 'prometheus',
    command: [
      ...command,
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataFolder}`,
      ...RETENTION,
      `--web.listen-address=${new URL(url).host}`,
      // Otherwise every page in a browser of this machine may read it.
      `--web.cors.origin=${url.replaceAll('.', '\\.')}`,
    ],
    address: new URL(url).host,
    url,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(dirname(configFile), { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      await copyFile(ALERTS_FILE, fileOf(context, RULES));
      await writeFile(configFile, configOf(context), { mode: 0o600 });
      for (const { of, password } of loginsOfPlatform(context)) {
        await writeFile(fileOf(context, `${of}.password`), password, { mode: 0o600 });
      }
    },
    probe: (signal) => client.ready(signal),
  };
}
