import type { Secrets } from '@provehouse/secrets';
import { createTopology } from '../../clickhouse/topology.ts';
import type { DeploymentPart } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { chartsOfDemo, demoSource, type DemoPlan, type Place } from '../demo-charts.ts';
import { METABASE_ADMIN, metabaseAdmin } from './account.ts';
import { ensureDemo, findDashboard } from './demo-dashboard.ts';
import { ensureAdministrator } from './log-in.ts';
import { MetabaseClient, MetabaseError } from './metabase-client.ts';

/** Where this machine reaches it. */
const urlOf = (plan: Pick<DemoPlan, 'ports'>): string =>
  `http://127.0.0.1:${portOf(plan, 'metabase')}`;

/**
 * Gives Metabase its administrator, and the dashboard of the demo, whose questions ask that node. The tables need
 * not be there: Metabase looks into them when somebody looks at a question.
 * @param keptPassword path of the file with the password that Metabase knows
 * @throws MetabaseError
 */
export async function setUpMetabase(
  plan: DemoPlan,
  secrets: Secrets,
  node: Place,
  keptPassword: string,
): Promise<void> {
  const [url, account] = [urlOf(plan), metabaseAdmin(secrets)];
  await using client = new MetabaseClient(url, account);
  await ensureAdministrator(client, url, account, keptPassword);
  await ensureDemo(client, demoSource(plan, secrets, node));
}

/** What the deployment says of it, its version and dashboard asked. @throws MetabaseError */
export async function describeMetabase(plan: DemoPlan, secrets: Secrets): Promise<DeploymentPart> {
  const url = urlOf(plan);
  await using client = new MetabaseClient(url, metabaseAdmin(secrets));
  const { version } = await client.properties();
  const dashboard = await findDashboard(client);
  if (dashboard === undefined) {
    throw new MetabaseError(
      `Expected the dashboard of the demo in Metabase at ${url}, found none. Run infra:up, which makes it.`,
    );
  }
  const charts = chartsOfDemo(createTopology(plan).database);
  return { metabase: { url, version, user: METABASE_ADMIN, dashboard, charts } };
}
