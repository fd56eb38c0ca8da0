import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError, type Secrets } from '@provehouse/secrets';
import type { ApiConnection } from '../../airflow/connections.ts';
import type { NativeProcess } from '../../native/component.ts';
import type { Plan } from '../../native/plan.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { keepOrigin } from './origin.ts';
import { requiredSecret } from '../required-secret.ts';

const HOST = '127.0.0.1';
const CONFIG = 'api/server.json';

/** Thrown when the API does not answer as it should. */
export class ApiError extends ProvehouseError {
  override readonly name = 'ApiError';
}

/** The API as one process of the platform's Python. */
export const apiProcess: NativeSide = {
  isPart: ({ modules }) => modules.api !== undefined,
  // FastAPI and uvicorn come with Airflow.
  provide: ({ python }) => Promise.resolve([python, '-m', 'etl_dags.products_api']),
  ports: () => [{ name: 'api', preferred: 8090 }],
  secrets: () => ['api_token'],
  files: (context) => ({ [CONFIG]: configOf(context) }),
  processes: (context) => [server(context)],
  describe: ({ plan }) => Promise.resolve({ api: { host: HOST, port: portOf(plan, 'api') } }),
};

/** The API and the token that tasks show it. @throws PlatformStateError without its token */
export const apiLogin = (plan: Pick<Plan, 'ports'>, secrets: Secrets): ApiConnection => ({
  ...{ host: HOST, port: portOf(plan, 'api'), token: requiredSecret(secrets, 'api_token') },
});

const originFile = ({ folder }: NativeContext): string => join(folder.data, 'api', 'origin.json');

const configOf = (context: NativeContext): string => {
  const login = apiLogin(context.plan, context.secrets);
  return JSON.stringify({ ...login, origin_file: originFile(context) }, null, 2);
};

function server(context: NativeContext): NativeProcess {
  const { folder, plan, secrets } = context;
  const { api: command = [] } = plan.modules;
  const configFile = join(folder.config, CONFIG);
  const address = `${HOST}:${portOf(plan, 'api')}`;
  return {
    name: 'api',
    command: [...command, configFile],
    address,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(join(folder.config, 'api'), { recursive: true });
      await mkdir(join(folder.data, 'api'), { recursive: true });
      await keepOrigin(originFile(context), new Date());
      await writeFile(configFile, configOf(context), { mode: 0o600 });
    },
    probe: (signal) => askHealth(address, requiredSecret(secrets, 'api_token'), signal),
  };
}

/** Asks the API, with its token, what it has published. @throws ApiError for another answer than that */
async function askHealth(address: string, token: string, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://${address}/health`, { headers, signal });
  const text = await answer.text();
  if (answer.ok && text.includes('published_until')) return;
  throw new ApiError(`The API at ${address} answered with status ${answer.status}.`);
}
