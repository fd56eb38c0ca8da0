import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { addressInside, firstOf } from '../../state/deployment.ts';
import { containerNodes } from '../clickhouse/nodes.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { requiredSecret } from '../required-secret.ts';
import { describeMetabase, setUpMetabase } from './service.ts';

/** Metabase in a container, in the networks of its database and of the nodes; nothing else needs it. */
export const metabaseContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('metabase'),
  images: ['metabase'],
  dispensable: true,
  ports: () => [{ name: 'metabase', preferred: 3001 }],
  secrets: () => [
    ...([
      'metabase_database_password',
      'metabase_admin_password',
      'metabase_encryption_key',
    ] as const),
  ],
  files,
  // Terraform has it with the module unless it is said that it must not.
  variables: ({ modules, unavailable }) =>
    modules.includes('metabase') && unavailable?.['metabase'] !== undefined
      ? { enable_metabase: false }
      : {},
  settle({ plan, secrets, keptFolder }) {
    const { host, httpPort: port } = addressInside(firstOf(containerNodes(plan)));
    return setUpMetabase(plan, secrets, { host, port }, join(keptFolder, 'metabase.password'));
  },
  describe: ({ plan, secrets }) => describeMetabase(plan, secrets),
  hasPage: (component) => component === 'metabase',
};

/** The administrator's password is not among them: Metabase is given it by its API. */
function files(_: ContainerPlan, secrets: Secrets): ContainerFiles {
  return {
    'metabase/database.password': requiredSecret(secrets, 'metabase_database_password'),
    'metabase/encryption.key': requiredSecret(secrets, 'metabase_encryption_key'),
  };
}
