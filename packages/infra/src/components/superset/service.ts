import type { FieldName, Secrets } from '@provehouse/secrets';
import { createTopology } from '../../clickhouse/topology.ts';
import { SUPERSET_ROLE } from '../../native/superset/database-dump.ts';
import type { DeploymentPart } from '../../state/deployment.ts';
import { portOf, type PortRequest } from '../../system/ports.ts';
import { chartsOfDemo, demoSource, type DemoPlan, type Place } from '../demo-charts.ts';
import { requiredSecret } from '../required-secret.ts';
import { SUPERSET_ADMIN, supersetAdmin } from './account.ts';
import { archiveOf, assetFiles, DASHBOARD } from './assets.ts';
import { SupersetClient } from './superset-client.ts';

export const SUPERSET_PORTS: readonly PortRequest[] = [{ name: 'superset', preferred: 8088 }];

export const SUPERSET_SECRETS: readonly FieldName[] = [
  ...(['superset_database_password', 'superset_admin_password', 'superset_secret_key'] as const),
];

/** Where this machine reaches it. */
export const supersetUrl = (plan: Pick<DemoPlan, 'ports'>): string =>
  `http://127.0.0.1:${portOf(plan, 'superset')}`;

/** Asks it as its administrator. @throws PlatformStateError without a password */
export const supersetClient = (plan: Pick<DemoPlan, 'ports'>, secrets: Secrets): SupersetClient =>
  new SupersetClient(supersetUrl(plan), supersetAdmin(secrets));

/**
 * Its settings (https://superset.apache.org/docs/configuration/configuring-superset).
 * @throws PlatformStateError without its secrets
 */
export function supersetEnvironment(
  secrets: Secrets,
  places: { readonly home: string; readonly config: string; readonly postgres: Place },
): Record<string, string> {
  const password = encodeURIComponent(requiredSecret(secrets, 'superset_database_password'));
  const { host, port } = places.postgres;
  return {
    SUPERSET_HOME: places.home,
    SUPERSET_SECRET_KEY: requiredSecret(secrets, 'superset_secret_key'),
    SUPERSET__SQLALCHEMY_DATABASE_URI: `postgresql+psycopg2://${SUPERSET_ROLE}:${password}@${host}:${port}/${SUPERSET_ROLE}`,
    SUPERSET_CONFIG_PATH: places.config,
  };
}

/**
 * Gives it the dashboard of the demo, whose charts ask that node. The tables need not be there: Superset
 * looks into them when somebody looks at a chart.
 * @throws SupersetError
 */
export async function importDashboard(
  plan: DemoPlan,
  secrets: Secrets,
  node: Place,
): Promise<void> {
  const assets = assetFiles(demoSource(plan, secrets, node));
  await supersetClient(plan, secrets).importAssets(archiveOf(assets));
}

/** What the deployment says of it, its version asked. @throws SupersetError */
export async function describeSuperset(plan: DemoPlan, secrets: Secrets): Promise<DeploymentPart> {
  const { database } = createTopology(plan);
  return {
    superset: {
      ...{ url: supersetUrl(plan), version: await supersetClient(plan, secrets).version() },
      ...{ user: SUPERSET_ADMIN, dashboard: DASHBOARD },
      charts: chartsOfDemo(database),
    },
  };
}
