import type { PlatformCheck } from '../check.ts';

/** The running Airflow is the one that the deployment names. */
export const airflowVersions: PlatformCheck = {
  name: 'airflow-versions',
  title: 'Airflow runs in the version of the deployment',
  scope: 'platform',
  proves:
    'The API server answers with the version that the deployment names, so the report speaks of what ' +
    'really ran. Flower tells its version nowhere.',
  async run({ airflow, deployment }) {
    const expected = deployment.airflow?.version ?? 'none';
    const observed = await airflow.version();
    const status = observed === expected ? 'passed' : 'failed';
    return [{ status, subject: 'airflow', expected, observed }];
  },
};
