import type { Secrets } from '@provehouse/secrets';
import { airflowApi } from '../../airflow/connections.ts';
import type { Deployment } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';

/** A plan of either runtime. */
interface AirflowPlan {
  readonly dagsFolder: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** The ports of the pages, with the numbers that they have by convention. */
export const PAGE_PORTS = [
  { name: 'airflow', preferred: 8080 },
  { name: 'flower', preferred: 5555 },
];

/** Whether a component of Airflow has a page for people. */
export const hasPage = (component: string): boolean =>
  component === 'airflow-api-server' || component === 'airflow-flower';

/** The api-server's URL on this machine. */
export const airflowUrl = (plan: AirflowPlan): string =>
  `http://127.0.0.1:${portOf(plan, 'airflow')}`;

/** Flower's URL on this machine. */
export const flowerUrl = (plan: AirflowPlan): string =>
  `http://127.0.0.1:${portOf(plan, 'flower')}`;

/** Airflow's part of the deployment. @throws AirflowError */
export const describeAirflow = async (
  plan: AirflowPlan,
  secrets: Secrets,
  flowerVersion: string,
): Promise<NonNullable<Deployment['airflow']>> => ({
  url: airflowUrl(plan),
  user: secrets.airflow_admin_user,
  version: await airflowApi(airflowUrl(plan), secrets).version(),
  executor: 'CeleryExecutor',
  flower: { url: flowerUrl(plan), user: secrets.flower_user, version: flowerVersion },
  dagsFolder: plan.dagsFolder,
});
