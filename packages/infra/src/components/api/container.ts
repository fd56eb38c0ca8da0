import type { Secrets } from '@provehouse/secrets';
import type { ApiConnection } from '../../airflow/connections.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { PlatformStateError } from '../../state/state-error.ts';
import { portOf } from '../../system/ports.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import type { ProductsOrigin } from './origin.ts';
import { requiredSecret } from '../required-secret.ts';

/** Where tasks find it. */
const INSIDE = { host: 'api', port: 8090 };

/** The API in a container of Airflow's image, which has its program and what that runs on. */
export const apiContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('api'),
  images: ['airflow'],
  ports: () => [{ name: 'api', preferred: 8090 }],
  secrets: () => ['api_token'],
  files,
  describe: ({ plan }) =>
    Promise.resolve({ api: { host: '127.0.0.1', port: portOf(plan, 'api'), inside: INSIDE } }),
};

/** The API and the token that tasks show it. @throws PlatformStateError without its token */
export const apiLoginInside = (secrets: Secrets): ApiConnection => ({
  ...{ ...INSIDE, token: requiredSecret(secrets, 'api_token') },
});

function files(plan: ContainerPlan, secrets: Secrets): ContainerFiles {
  return {
    'api/server.json': JSON.stringify(
      {
        ...{ host: '0.0.0.0', port: INSIDE.port, token: requiredSecret(secrets, 'api_token') },
        origin_file: '/etc/provehouse/origin.json',
      },
      null,
      2,
    ),
    'api/origin.json': JSON.stringify(requiredOrigin(plan)),
  };
}

function requiredOrigin({ productsOrigin }: ContainerPlan): ProductsOrigin {
  if (productsOrigin !== undefined) return productsOrigin;
  throw new PlatformStateError(
    'Expected the origin of the products in the plan of a platform with the API, found none. Run infra:up --with api.',
  );
}
