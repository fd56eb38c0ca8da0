import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { askVersion, renderConfig } from '../services/valkey.ts';
import type { DeploymentPart } from '../state/deployment.ts';
import { portOf } from '../system/ports.ts';
import type { ComponentDescriptor } from './descriptor.ts';
import { monitorOf } from './monitoring/account.ts';

const HOST = '127.0.0.1';
const PORTS = [{ name: 'redis', preferred: 6379 }];

/** Celery's broker. */
export const valkey: ComponentDescriptor = {
  name: 'redis',
  kind: 'redis',
  native: {
    isPart: ({ airflow }) => airflow,
    startOrder: 2,
    ports: () => PORTS,
    processes({ folder, plan, secrets, programs }) {
      const port = portOf(plan, 'redis');
      const configFile = join(folder.config, 'redis', 'valkey.conf');
      const dataFolder = join(folder.data, 'redis');
      return [
        {
          name: 'redis',
          command: [programs.valkey, configFile],
          address: `${HOST}:${port}`,
          budgetSeconds: 30,
          async prepare() {
            await mkdir(join(folder.config, 'redis'), { recursive: true });
            await mkdir(dataFolder, { recursive: true });
            const text = renderConfig({
              ...{ listenHost: HOST, port, dataFolder: `"${dataFolder}"`, secrets },
              ...(plan.modules.monitoring && { monitor: monitorOf(secrets) }),
            });
            await writeFile(configFile, text, { mode: 0o600 });
          },
          async probe() {
            await askVersion(port, secrets);
          },
        },
      ];
    },
    describe: ({ plan, secrets }) => describe(portOf(plan, 'redis'), secrets),
  },
  container: {
    isPart: ({ airflow }) => airflow,
    images: ['redis'],
    ports: () => PORTS,
    files: ({ modules }, secrets) => ({
      'redis/password': secrets.redis_password,
      'redis/valkey.conf': renderConfig({
        ...{ listenHost: '0.0.0.0', port: 6379, dataFolder: '/data', secrets },
        ...(modules.includes('monitoring') && { monitor: monitorOf(secrets) }),
      }),
    }),
    describe: ({ plan, secrets }) => describe(portOf(plan, 'redis'), secrets),
  },
};

const describe = async (port: number, secrets: Secrets): Promise<DeploymentPart> => ({
  redis: { host: HOST, port, version: await askVersion(port, secrets) },
});
