import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { addressInside, firstOf } from '../../state/deployment.ts';
import { containerNodes } from '../clickhouse/nodes.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { supersetAdmin } from './account.ts';
import {
  describeSuperset,
  importDashboard,
  SUPERSET_PORTS,
  SUPERSET_SECRETS,
  supersetEnvironment,
} from './service.ts';

const NATIVE = join(import.meta.dirname, '../../native/superset');

/** What its containers run and are configured by, as it is in this package. */
const SCRIPTS = {
  'with_environment.py': join(import.meta.dirname, '../../airflow/with_environment.py'),
  ...Object.fromEntries(
    ['prepare_database.py', 'migrate.py', 'encrypt_again.py', 'gunicorn.conf.py'].map((file) => [
      ...([file, join(NATIVE, file)] as const),
    ]),
  ),
};

/** Superset in a container, in the networks of its database and of the nodes. */
export const supersetContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('superset'),
  images: ['superset'],
  ports: () => SUPERSET_PORTS,
  secrets: () => SUPERSET_SECRETS,
  files,
  settle({ plan, secrets }) {
    const { host, httpPort: port } = addressInside(firstOf(containerNodes(plan)));
    return importDashboard(plan, secrets, { host, port });
  },
  describe: ({ plan, secrets }) => describeSuperset(plan, secrets),
  hasPage: (component) => component === 'superset',
};

async function files(_: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const environment = supersetEnvironment(secrets, {
    // Paths of apache/superset and of the Terraform module.
    home: '/app/superset_home',
    config: '/opt/provehouse/superset_config.py',
    postgres: { host: 'postgres', port: 5432 },
  });
  const config = process.env['SUPERSET_CONFIG_PATH'] ?? join(NATIVE, 'superset_config.py');
  const scripts = await Promise.all(
    Object.entries({ ...SCRIPTS, 'superset_config.py': config }).map(
      async ([name, file]) => [`superset/${name}`, await readFile(file, 'utf8')] as const,
    ),
  );
  return {
    'superset/environment.json': JSON.stringify(environment, null, 2),
    'superset/administrator.json': JSON.stringify(supersetAdmin(secrets)),
    ...Object.fromEntries(scripts),
  };
}
