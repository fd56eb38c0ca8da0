import { expect, test } from 'vitest';
import { AirflowClient } from '@provehouse/infra/airflow';
import { airflowThat, send } from '@provehouse/infra/test/airflow-server';
import { waitForDag } from './wait-for-dag.ts';

test('a DAG that never comes is reported with the import errors that there are', async () => {
  const url = await airflowThat((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://server');
    const error = {
      filename: 'load.py',
      stack_trace: 'ModuleNotFoundError: pandas',
      timestamp: null,
    };
    if (pathname === '/auth/token') send(response, 201, { access_token: 'opaque' });
    else if (pathname.endsWith('/importErrors')) {
      send(response, 200, { import_errors: [error], total_entries: 1 });
    } else send(response, 404, { detail: 'not found' });
  });
  const client = new AirflowClient(url, { username: 'admin', password: 'secret' });
  await expect(waitForDag(client, 'load', { timeoutSeconds: 0.3 })).rejects.toThrow(
    /No DAG load after 0.3 s.*\nload.py:\nModuleNotFoundError: pandas/,
  );
});
