import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writePrivateFile } from '@provehouse/secrets';
import { $ } from 'zx';
import type { NativeProcess } from '../../native/component.ts';
import { findPrograms } from '../../native/programs.ts';
import { makeDump } from '../../native/superset/database-dump.ts';
import { provideSuperset } from '../../native/superset/programs.ts';
import { firstOf } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { readIfThere } from '../../system/read-if-there.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { requiredSecret } from '../required-secret.ts';
import {
  describeSuperset,
  importDashboard,
  SUPERSET_PORTS,
  SUPERSET_SECRETS,
  supersetClient,
  supersetEnvironment,
  supersetUrl,
} from './service.ts';
import { SupersetError } from './superset-client.ts';

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
  ports: () => SUPERSET_PORTS,
  secrets: () => SUPERSET_SECRETS,
  files: (context) => ({ [ENVIRONMENT]: JSON.stringify(environmentOf(context), null, 2) }),
  processes: (context) => [server(context)],
  settle({ plan, secrets }) {
    const { host, httpPort: port } = firstOf(nativeNodes(plan));
    return importDashboard(plan, secrets, { host, port });
  },
  describe: ({ plan, secrets }) => describeSuperset(plan, secrets),
};

const homeOf = ({ folder }: NativeContext): string => join(folder.data, 'superset');

const environmentOf = (context: NativeContext): Record<string, string> =>
  supersetEnvironment(context.secrets, {
    home: homeOf(context),
    config: process.env['SUPERSET_CONFIG_PATH'] ?? CONFIG,
    postgres: { host: HOST, port: portOf(context.plan, 'postgres') },
  });

function server(context: NativeContext): NativeProcess {
  const { folder, plan, programs } = context;
  const { superset: command = [] } = plan.modules;
  const environmentFile = join(folder.config, ENVIRONMENT);
  const url = supersetUrl(plan);
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
    probe: (signal) => supersetClient(plan, context.secrets).ready(signal),
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
  const before = await readIfThere(file);
  if (before === key) return;
  if (before !== undefined) await encryptAgain(context, environmentFile, before);
  await writePrivateFile(file, key, { replace: true });
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
