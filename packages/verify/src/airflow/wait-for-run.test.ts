import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { AirflowClient } from '@provehouse/infra/airflow';
import { airflowThat, send, type Answers } from '@provehouse/infra/test/airflow-server';
import { RunTimeoutError, waitForRun } from './wait-for-run.ts';

const clientOf = async (answer: Answers): Promise<AirflowClient> =>
  new AirflowClient(await airflowThat(answer), { username: 'admin', password: 'secret' });

const runAnswer = (state: string): object => ({
  dag_id: 'dag',
  dag_run_id: 'run',
  state,
  conf: {},
  queued_at: '2026-01-01T00:00:00Z',
  start_date: null,
  end_date: null,
});

/** A server whose stream of states is `stream`, and that says `states` one by one when asked. */
function runServer(stream: (response: ServerResponse) => void, states: readonly string[]): Answers {
  let asked = 0;
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://server');
    if (pathname === '/auth/token') send(response, 201, { access_token: 'opaque' });
    else if (pathname.endsWith('/wait')) stream(response);
    else if (pathname.endsWith('/taskInstances')) {
      const task = {
        task_id: 'load',
        state: 'running',
        try_number: 2,
        map_index: -1,
        duration: null,
      };
      const entry = { ...task, start_date: '2026-01-01T00:00:00Z', end_date: null };
      send(response, 200, { task_instances: [entry], total_entries: 1 });
    } else if (pathname.endsWith('/logs/2')) {
      send(response, 200, { content: [{ event: 'waiting for a lock', level: 'info' }] });
    } else {
      send(response, 200, runAnswer(states[Math.min(asked, states.length - 1)] ?? ''));
      asked += 1;
    }
  };
}

test('follows the stream of states to the end of the run', async () => {
  const stream = (response: ServerResponse): void => {
    response.end('{"state": "queued"}\n{"state": "running"}\n{"state": "success"}\n');
  };
  const client = await clientOf(runServer(stream, ['success']));
  const seen: string[] = [];
  const run = await waitForRun(
    client,
    { dagId: 'dag', runId: 'run' },
    { onState: (state) => seen.push(state) },
  );
  expect(run.state).toBe('success');
  expect(seen).toEqual(['queued', 'running', 'success']);
});

test.each([
  ['is not offered', (response: ServerResponse) => send(response, 404, { detail: 'Not Found' })],
  [
    'breaks off',
    (response: ServerResponse) => {
      response.write('{"state": "queued"}\n{"sta');
      response.socket?.end();
    },
  ],
  ['is not JSON', (response: ServerResponse) => void response.end('<html>\n')],
])('asks again and again when the stream %s', async (_name, stream) => {
  const client = await clientOf(runServer(stream, ['running', 'running', 'failed']));
  expect((await waitForRun(client, { dagId: 'dag', runId: 'run' })).state).toBe('failed');
});

test('after the time tells which task is in which state, with the end of its log', async () => {
  const stream = (response: ServerResponse): void => void response.write('{"state": "running"}\n');
  const client = await clientOf(runServer(stream, ['running']));
  const waited = waitForRun(client, { dagId: 'dag', runId: 'run' }, { timeoutSeconds: 0.3 });
  await expect(waited).rejects.toThrow(RunTimeoutError);
  await expect(waited).rejects.toThrow(
    /it is running:\n- load: running, try 2\nINFO waiting for a lock/,
  );
});
