import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { createTopology } from '../../clickhouse/topology.ts';
import type { NativeProcess } from '../../native/component.ts';
import { findPrograms } from '../../native/programs.ts';
import { makeDump, SUPERSET_ROLE } from '../../native/superset/database-dump.ts';
import { provideSuperset } from '../../native/superset/programs.ts';
import type { Plan } from '../../native/plan.ts';
import { firstOf } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { requiredSecret } from '../required-secret.ts';
import { SUPERSET_ADMIN, supersetAdmin } from './account.ts';
import { archiveOf, assetFiles, DASHBOARD } from './assets.ts';
import { DEMO_CHARTS, DEMO_TABLE, sqlOf } from './demo-charts.ts';
import { SupersetClient, SupersetError } from './superset-client.ts';

const HOST = '127.0.0.1';
const ENVIRONMENT = 'superset/environment.json';

const WITH_ENVIRONMENT = join(import.meta.dirname, '../../airflow/with_environment.py');
const ENCRYPT_AGAIN = join(import.meta.dirname, '../../native/superset/encrypt_again.py');
const CONFIG = join(import.meta.dirname, '../../native/superset/superset_config.py');
const GUNICORN = join(import.meta.dirname, '../../native/superset/gunicorn.conf.py');

/** Superset as one server with one worker. */
export const supersetProcess: NativeSide = {
  isPart: ({ modules }) => modules.superset !== undefined,
  // It takes long to start.
  startOrder: 2,
  async provide({ cache, message }) {
    const once = 'later starts take it from the cache.';
    const python = await provideSuperset({
      cache,
      onInstall: () => message(`Installing Superset; ${once}`),
    });
    const { postgres } = await findPrograms();
    await makeDump({
      ...{ python, postgres, cache },
      onBuild: () => message(`Migrating Superset's database; ${once}`),
    });
    return [python];
  },
  ports: () => [{ name: 'superset', preferred: 8088 }],
  secrets: () => ['superset_database_password', 'superset_admin_password', 'superset_secret_key'],
  files: (context) => ({ [ENVIRONMENT]: JSON.stringify(environmentOf(context), null, 2) }),
  processes: (context) => [server(context)],
  settle: importDashboard,
  async describe({ plan, secrets }) {
    const { database } = createTopology(plan);
    return {
      superset: {
        ...{ url: urlOf(plan), version: await clientOf(plan, secrets).version() },
        ...{ user: SUPERSET_ADMIN, dashboard: DASHBOARD },
        charts: DEMO_CHARTS.map((chart) => ({
          ...{ name: chart.name, table: `${database}.${DEMO_TABLE}`, sql: sqlOf(chart, database) },
        })),
      },
    };
  },
};

const urlOf = (plan: Pick<Plan, 'ports'>): string => `http://${HOST}:${portOf(plan, 'superset')}`;

const clientOf = (plan: Pick<Plan, 'ports'>, secrets: NativeContext['secrets']): SupersetClient =>
  new SupersetClient(urlOf(plan), supersetAdmin(secrets));

const homeOf = ({ folder }: NativeContext): string => join(folder.data, 'superset');

/** Its settings, https://superset.apache.org/docs/configuration/configuring-superset, and nothing by argument. */
function environmentOf(context: NativeContext): Record<string, string> {
  const { plan, secrets } = context;
  const password = encodeURIComponent(requiredSecret(secrets, 'superset_database_password'));
  return {
    SUPERSET_HOME: homeOf(context),
    SUPERSET_SECRET_KEY: requiredSecret(secrets, 'superset_secret_key'),
    SUPERSET__SQLALCHEMY_DATABASE_URI: `postgresql+psycopg2://${SUPERSET_ROLE}:${password}@${HOST}:${portOf(plan, 'postgres')}/${SUPERSET_ROLE}`,
    SUPERSET_CONFIG_PATH: process.env['SUPERSET_CONFIG_PATH'] ?? CONFIG,
  };
}

function server(context: NativeContext): NativeProcess {
  const { folder, plan, programs } = context;
  const { superset: command = [] } = plan.modules;
  const environmentFile = join(folder.config, ENVIRONMENT);
  const url = urlOf(plan);
  const { host } = new URL(url);
  return {
    name: 'superset',
    command: [
      ...[programs.python, WITH_ENVIRONMENT, environmentFile, ...command, '-m', 'gunicorn'],
      ...['--config', GUNICORN, '--bind', host, 'superset.app:create_app()'],
    ],
    // SIGTERM would wait until every browser has closed its connection.
    stopSignal: 'INT',
    ...{ address: host, url, budgetSeconds: 240, probeIntervalMs: 150, after: ['postgres'] },
    async prepare() {
      await mkdir(dirname(environmentFile), { recursive: true });
      await mkdir(homeOf(context), { recursive: true });
      const environment = JSON.stringify(environmentOf(context), null, 2);
      await writeFile(environmentFile, environment, { mode: 0o600 });
    },
    probe: (signal) => clientOf(plan, context.secrets).ready(signal),
    provision: () => keepSecretKey(context, environmentFile),
  };
}

/**
 * Has what is encrypted in the database encrypted with the secret key, where it was with another one
 * before. @throws SupersetError with the last words of what does it
 */
async function keepSecretKey(context: NativeContext, environmentFile: string): Promise<void> {
  const file = join(homeOf(context), 'secret-key');
  const key = requiredSecret(context.secrets, 'superset_secret_key');
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === key) return;
  if (before !== undefined) await encryptAgain(context, environmentFile, before);
  await writeFile(file, key, { mode: 0o600 });
}

async function encryptAgain(
  { plan, programs }: NativeContext,
  environmentFile: string,
  before: string,
): Promise<void> {
  const { superset: command = [] } = plan.modules;
  const env = { ...process.env, SUPERSET_PREVIOUS_SECRET_KEY: before };
  const options = { quiet: true, nothrow: true, env } as const;
  const { exitCode, stderr } = await $(
    options,
  )`${programs.python} ${WITH_ENVIRONMENT} ${environmentFile} ${command} ${ENCRYPT_AGAIN}`;
  if (exitCode === 0) return;
  const lastWords = stderr.trim().split('\n').slice(-5).join('\n');
  throw new SupersetError(
    `What Superset keeps could not be encrypted with the new superset_secret_key:\n${lastWords}`,
  );
}

/** The tables need not be there: Superset looks into them when somebody looks at a chart. */
async function importDashboard({ plan, secrets }: NativeContext): Promise<void> {
  const { host, httpPort: port } = firstOf(nativeNodes(plan));
  await clientOf(plan, secrets).importAssets(
    archiveOf(
      assetFiles({
        ...{ host, port, database: createTopology(plan).database },
        ...{ user: secrets.bi_user_name, password: secrets.bi_user_password },
      }),
    ),
  );
}
