import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AirflowClient } from './airflow-client.ts';
import { RunTimeoutError } from './wait-for-run.ts';

// How the client behaves on the wire is shown on a small server, because a real Airflow neither
// breaks off nor forgets a token when asked to.

const PASSWORD = 'a-password-that-must-not-show';
const account = { username: 'admin', password: PASSWORD };

type Answers = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function clientOf(answer: Answers): Promise<AirflowClient> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return new AirflowClient(`http://127.0.0.1:${port}`, account);
}

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** A token as Airflow's: three parts, the second one with the time of expiry. */
const tokenOf = (name: string, secondsLeft: number): string => {
  const claims = { sub: name, exp: Math.floor(Date.now() / 1000) + secondsLeft };
  return `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${name}`;
};

/** A server that counts logins, and accepts the tokens that `accepted` does. */
function versionServer(secondsLeft: number, accepted: (login: number) => boolean): Answers {
  let logins = 0;
  return (request, response) => {
    if (request.url === '/auth/token') {
      logins += 1;
      send(response, 201, { access_token: tokenOf(`token-${logins}`, secondsLeft) });
    } else {
      const login = Number(/token-(\d+)$/.exec(request.headers.authorization ?? '')?.[1]);
      if (accepted(login)) send(response, 200, { version: `after ${login} logins` });
      else send(response, 401, { detail: 'Invalid token' });
    }
  };
}

test('logs in once for many calls', async () => {
  const client = await clientOf(versionServer(3600, () => true));
  await client.version();
  expect(await client.version()).toBe('after 1 logins');
});

test('gets a new token shortly before the old one expires', async () => {
  const client = await clientOf(versionServer(30, () => true));
  await client.version();
  expect(await client.version()).toBe('after 2 logins');
});

test('gets a new token when the old one is no longer accepted, and gives up when that is not either', async () => {
  const client = await clientOf(versionServer(3600, (login) => login === 2));
  expect(await client.version()).toBe('after 2 logins');
  const refused = await clientOf(versionServer(3600, () => false));
  await expect(refused.version()).rejects.toMatchObject({ name: 'AirflowError', status: 401 });
});

test('no error shows a password or a token', async () => {
  const echo = await clientOf((request, response) => {
    // As a validation error does, this one repeats the input.
    send(response, 422, { detail: [{ input: account, said: request.headers.authorization }] });
  });
  const nobody = new AirflowClient('http://127.0.0.1:9', account);
  const brokenTokens = versionServer(3600, () => true);
  const broken = await clientOf((request, response) => {
    if (request.url === '/auth/token') brokenTokens(request, response);
    else response.destroy();
  });
  for (const client of [echo, nobody, broken]) {
    const error: unknown = await client.version().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'AirflowError' });
    const { message, stack, cause } = error as Error;
    const shown = [
      message,
      stack,
      JSON.stringify(error),
      String(cause),
      JSON.stringify(cause),
    ].join();
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain('token-1');
  }
});

test('an answer of another form than documented is an error that names the call', async () => {
  const client = await clientOf((request, response) => {
    if (request.url === '/auth/token') send(response, 201, { access_token: 'opaque' });
    else send(response, 200, { release: 3 });
  });
  await expect(client.version()).rejects.toThrow(/GET \/api\/v2\/version.*another form/);
});

test('collects lists that come in pages', async () => {
  const all = Array.from({ length: 250 }, (_, index) => ({
    connection_id: `connection-${index}`,
    conn_type: 'http',
  }));
  const client = await clientOf((request, response) => {
    if (request.url === '/auth/token') return send(response, 201, { access_token: 'opaque' });
    const query = new URL(request.url ?? '', 'http://server').searchParams;
    const offset = Number(query.get('offset'));
    const connections = all.slice(offset, offset + Number(query.get('limit')));
    send(response, 200, { connections, total_entries: all.length });
  });
  expect((await client.connections()).map(({ id }) => id)).toEqual(
    all.map(({ connection_id }) => connection_id),
  );
});

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
  const run = await client.waitForRun('dag', 'run', { onState: (state) => seen.push(state) });
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
  expect((await client.waitForRun('dag', 'run')).state).toBe('failed');
});

test('after the time tells which task is in which state, with the end of its log', async () => {
  const stream = (response: ServerResponse): void => void response.write('{"state": "running"}\n');
  const client = await clientOf(runServer(stream, ['running']));
  const waited = client.waitForRun('dag', 'run', { timeoutSeconds: 0.3 });
  await expect(waited).rejects.toThrow(RunTimeoutError);
  await expect(waited).rejects.toThrow(
    /it is running:\n- load: running, try 2\nINFO waiting for a lock/,
  );
});

test('a DAG that never comes is reported with the import errors that there are', async () => {
  const client = await clientOf((request, response) => {
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
  await expect(client.waitForDag('load', { timeoutSeconds: 0.3 })).rejects.toThrow(
    /No DAG load after 0.3 s.*\nload.py:\nModuleNotFoundError: pandas/,
  );
});
