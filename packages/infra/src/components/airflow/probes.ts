import type { ComponentHealth } from '../../airflow/airflow-answers.ts';
import { AirflowError } from '../../airflow/airflow-error.ts';
import { airflowApi, flowerApi } from '../../airflow/connections.ts';
import type { NativeProcess } from '../../native/component.ts';
import type { NativeContext } from '../native-side.ts';
import type { AirflowComponentName } from './commands.ts';
import { airflowUrl, flowerUrl } from './pages.ts';

/** What each of Airflow's components is asked; each rejects until it does its work since its start. */
export function probesOf(
  context: NativeContext,
): Record<AirflowComponentName, NativeProcess['probe']> {
  const api = airflowApi(airflowUrl(context.plan), context.secrets);
  const flower = flowerApi(flowerUrl(context.plan), context.secrets);
  const since =
    (part: ComponentHealth['component']) =>
    async (_: unknown, startedAt: Date): Promise<void> => {
      const health = (await api.health()).find(({ component }) => component === part);
      const beat = health?.status === 'healthy' ? health.heartbeat : undefined;
      if (beat === undefined || beat < startedAt) {
        throw new AirflowError(`no heartbeat of the ${part} since its start`);
      }
    };
  return {
    'airflow-api-server': () => api.login(),
    'airflow-scheduler': since('scheduler'),
    'airflow-triggerer': since('triggerer'),
    async 'airflow-dag-processor'(_, startedAt) {
      if (!(await api.hasParsedSince(startedAt))) {
        const { dagsFolder } = context.plan;
        throw new AirflowError(`no file of ${dagsFolder} was parsed since its start`);
      }
    },
    async 'airflow-worker'() {
      const workers = await flower.workers();
      if (!workers.some(({ answers }) => answers))
        throw new AirflowError('no Celery worker answers');
    },
    'airflow-flower': () => flower.login(),
  };
}
