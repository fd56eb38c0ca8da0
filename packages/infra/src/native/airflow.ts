import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { z } from 'zod';
import { $ } from 'zx';
import type { Secrets } from '@provehouse/secrets';
import type { ComponentHealth } from '../airflow/airflow-answers.ts';
import type { Deployment } from '../deployment.ts';
import { AirflowError } from '../airflow/airflow-error.ts';
import { airflowApi, flowerApi, putConnections } from '../airflow/connections.ts';
import { airflowEnvironment } from '../airflow/environment.ts';
import { airflowParent, AIRFLOW_PARENT, aloneCommand, forkedCommand } from './airflow-parent.ts';
import {
  airflowUrl,
  environmentOptions,
  flowerUrl,
  type AirflowOptions,
} from './airflow-options.ts';
import type { Component } from './component.ts';
import { memoize } from '../platform/memoize.ts';

/** Names of the components, as REFERENCE calls them, with the words that start each. */
const COMMANDS = {
  'airflow-api-server': ['api-server'],
  'airflow-scheduler': ['scheduler'],
  'airflow-dag-processor': ['dag-processor'],
  // Their log servers listen on every interface, and the api-server reads the same files itself.
  'airflow-triggerer': ['triggerer', '--skip-serve-logs'],
  // It is the only one, and would look for others for a second at each start.
  'airflow-worker': [
    ...['celery', 'worker', '--skip-serve-logs'],
    ...['--without-mingle', '--without-gossip'],
  ],
  'airflow-flower': ['celery', 'flower'],
} as const;

type AirflowComponentName = keyof typeof COMMANDS;

const AIRFLOW_COMPONENTS = Object.keys(COMMANDS) as readonly AirflowComponentName[];

const BUDGET_SECONDS = 120;

/** The Airflow components of the native runtime: the six of every Airflow, and their parent. */
export function airflowComponents(options: AirflowOptions): Component[] {
  const { folder, ports } = options;
  const environmentFile = join(folder.config, 'airflow', 'environment.json');
  const api = airflowApi(airflowUrl(options), options.secrets);
  const prepare = memoize(() => prepareAirflow(options, environmentFile));
  const flower = flowerApi(flowerUrl(options), options.secrets);
  const since =
    (part: ComponentHealth['component']) =>
    async (_: unknown, startedAt: Date): Promise<void> => {
      const health = (await api.health()).find(({ component }) => component === part);
      const beat = health?.status === 'healthy' ? health.heartbeat : undefined;
      if (beat === undefined || beat < startedAt) {
        throw new AirflowError(`no heartbeat of the ${part} since its start`);
      }
    };
  const probes: Record<AirflowComponentName, Component['probe']> = {
    'airflow-api-server': () => api.login(),
    'airflow-scheduler': since('scheduler'),
    'airflow-triggerer': since('triggerer'),
    async 'airflow-dag-processor'(_, startedAt) {
      if (!(await api.hasParsedSince(startedAt))) {
        throw new AirflowError(`no file of ${options.dagsFolder} was parsed since its start`);
      }
    },
    async 'airflow-worker'() {
      const workers = await flower.workers();
      if (!workers.some(({ answers }) => answers))
        throw new AirflowError('no Celery worker answers');
    },
    'airflow-flower': () => flower.login(),
  };
  const addresses: Partial<Record<AirflowComponentName, number>> = {
    'airflow-api-server': ports.api,
    'airflow-flower': ports.flower,
    'airflow-scheduler': ports.schedulerHealth,
  };
  const parent = airflowParent(options, {
    environmentFile,
    budgetSeconds: BUDGET_SECONDS,
    prepare,
  });
  const others = AIRFLOW_COMPONENTS.map((name): Component => {
    const port = addresses[name];
    const hasPage = name === 'airflow-api-server' || name === 'airflow-flower';
    return {
      name,
      kind: 'airflow',
      command: forkedCommand(options, environmentFile, COMMANDS[name]),
      ...(port !== undefined && { address: `127.0.0.1:${port}` }),
      ...(port !== undefined && hasPage && { url: `http://127.0.0.1:${port}` }),
      budgetSeconds: BUDGET_SECONDS,
      after: [AIRFLOW_PARENT, 'postgres', 'redis'],
      prepare,
      probe: probes[name],
      // Flower gives the workers a second to answer.
      ...(name === 'airflow-worker' && { slowProbe: true }),
      ...(name === 'airflow-api-server' && {
        provision: () => provisionAirflow(options, environmentFile),
      }),
    };
  });
  return [parent, ...others];
}

async function prepareAirflow(options: AirflowOptions, environmentFile: string): Promise<void> {
  const { folder } = options;
  await mkdir(join(folder.config, 'airflow'), { recursive: true });
  await mkdir(join(folder.data, 'airflow'), { recursive: true });
  await mkdir(folder.taskLogs, { recursive: true });
  const environment = airflowEnvironment(environmentOptions(options));
  await writeFile(environmentFile, JSON.stringify(environment, null, 2), { mode: 0o600 });
  // Airflow writes a file with secrets of its own where it finds none.
  await writeFile(join(folder.data, 'airflow', 'airflow.cfg'), '# Settings come by environment.\n');
}

async function provisionAirflow(options: AirflowOptions, environmentFile: string): Promise<void> {
  await putConnections(airflowApi(airflowUrl(options), options.secrets), {
    ...options,
    capabilities: await options.capabilities(),
  });
  if (options.secrets.airflow_fernet_key_previous === undefined) return;
  // What users have added is still encrypted with the key before.
  const command = aloneCommand(options, environmentFile, ['rotate-fernet-key']);
  const { exitCode, stderr } = await $({ quiet: true, nothrow: true })`${command}`;
  if (exitCode !== 0) {
    const lastWords = stderr.trim().split('\n').slice(-5).join('\n');
    throw new AirflowError(`Connections could not be encrypted with the new key:\n${lastWords}`);
  }
}

const accountSchema = z.object({ password_hash: z.string(), flower_version: z.string() });

/** The administrator's password as Airflow stores it, and Flower's version, from one Python process. */
export async function askAccount({
  python,
  secrets,
}: Pick<AirflowOptions, 'python' | 'secrets'>): Promise<z.infer<typeof accountSchema>> {
  const child = spawn(python, [join(import.meta.dirname, 'airflow_account.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(secrets.airflow_admin_password);
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0)
    throw new AirflowError(`The password hash could not be made (code ${String(code)}).`);
  return accountSchema.parse(JSON.parse(answer));
}

/** Gives the template's one account the name and password of this platform. */
export function accountSql(secrets: Secrets, passwordHash: string): string {
  const name = pg.escapeLiteral(secrets.airflow_admin_user);
  return `UPDATE ab_user SET username = ${name}, password = ${pg.escapeLiteral(passwordHash)}, active = true
    WHERE email = 'admin@localhost'`;
}

/** Airflow's part of the deployment. */
export async function describeAirflow(
  options: AirflowOptions,
  flowerVersion: string,
): Promise<NonNullable<Deployment['airflow']>> {
  return {
    url: airflowUrl(options),
    user: options.secrets.airflow_admin_user,
    version: await airflowApi(airflowUrl(options), options.secrets).version(),
    executor: 'CeleryExecutor',
    flower: {
      url: flowerUrl(options),
      user: options.secrets.flower_user,
      version: flowerVersion,
    },
    dagsFolder: options.dagsFolder,
  };
}
