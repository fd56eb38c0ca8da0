import axios from 'axios';
import { z } from 'zod';
import { airflowApi } from '../../airflow/connections.ts';
import { AirflowRestError } from '../../airflow/rest.ts';
import type { NativeProcess } from '../../native/component.ts';
import type { NativeContext } from '../native-side.ts';
import type { AirflowComponentName } from './commands.ts';
import { airflowUrl, flowerUrl } from './pages.ts';

/** What each of Airflow's components is asked; each rejects until it does its work since its start. */
export function probesOf(
  context: NativeContext,
): Record<AirflowComponentName, NativeProcess['probe']> {
  const api = airflowApi(airflowUrl(context.plan), context.secrets);
  const since =
    (part: 'scheduler' | 'triggerer' | 'dag_processor') => async (_: unknown, startedAt: Date) => {
      const beat = (await api.heartbeats())[part];
      if (beat === undefined || beat < startedAt) {
        throw new AirflowRestError(`no heartbeat of the ${part} since its start`);
      }
    };
  return {
    'airflow-api-server': () => api.login(),
    'airflow-scheduler': since('scheduler'),
    'airflow-triggerer': since('triggerer'),
    async 'airflow-dag-processor'(_, startedAt) {
      if (!(await api.hasParsedSince(startedAt))) {
        const { dagsFolder } = context.plan;
        throw new AirflowRestError(`no file of ${dagsFolder} was parsed since its start`);
      }
    },
    async 'airflow-worker'() {
      const workers = await flower(context, '/api/workers?refresh=true');
      if (Object.keys(workers).length === 0) throw new AirflowRestError('no Celery worker answers');
    },
    async 'airflow-flower'() {
      await flower(context, '/api/workers');
    },
  };
}

async function flower(
  { plan, secrets }: NativeContext,
  path: string,
): Promise<Record<string, unknown>> {
  const answer = await axios
    .get<unknown>(`${flowerUrl(plan)}${path}`, {
      auth: { username: secrets.flower_user, password: secrets.flower_password },
      timeout: 10_000,
      proxy: false,
    })
    .catch((error: unknown) => {
      const status = axios.isAxiosError(error) ? (error.response?.status ?? error.code) : error;
      throw new AirflowRestError(`Flower did not answer ${path}: ${String(status)}`);
    });
  return z.record(z.string(), z.unknown()).parse(answer.data);
}
