import { expect, test } from 'vitest';
import { airflowThat, send, type Answers } from '../../test/airflow-server.ts';
import { AirflowClient } from './airflow-client.ts';

// How the client behaves on the wire is shown on a small server, because a real Airflow neither
// breaks off nor forgets a token when asked to.

const PASSWORD = 'a-password-that-must-not-show';
const account = { username: 'admin', password: PASSWORD };

const clientOf = async (answer: Answers): Promise<AirflowClient> =>
  new AirflowClient(await airflowThat(answer), account);

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

test('calls that come at the same time log in once', async () => {
  const client = await clientOf(versionServer(3600, () => true));
  const versions = await Promise.all([client.version(), client.version(), client.version()]);
  expect(new Set(versions)).toEqual(new Set(['after 1 logins']));
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

test('a connection that is there already is made equal to the given one', async () => {
  const calls: string[] = [];
  const client = await clientOf((request, response) => {
    if (request.url === '/auth/token') return send(response, 201, { access_token: 'opaque' });
    calls.push(`${request.method} ${request.url}`);
    if (request.method === 'POST') send(response, 409, { detail: 'there already' });
    else send(response, 200, {});
  });
  await client.putConnection({ connection_id: 'kafka_default', conn_type: 'kafka' });
  expect(calls).toEqual(['POST /api/v2/connections', 'PATCH /api/v2/connections/kafka_default']);
});

test('a connection is tried as it is kept, unless Airflow forbids that', async () => {
  const trying = (status: number, answer: object): Promise<AirflowClient> =>
    clientOf((request, response) => {
      if (request.url === '/auth/token') return send(response, 201, { access_token: 'opaque' });
      expect(`${request.method} ${request.url}`).toBe('POST /api/v2/connections/test');
      send(response, status, answer);
    });
  const connection = { id: 'kafka_default', type: 'kafka' };
  const refused = await trying(200, { status: false, message: 'no broker' });
  expect(await refused.testConnection(connection)).toEqual({ works: false, message: 'no broker' });
  const forbidden = await trying(403, { detail: 'disabled' });
  expect(await forbidden.testConnection(connection)).toBeUndefined();
});

test('a connection that is not there needs no removal, and any other refusal is an error', async () => {
  const answering = (status: number): Promise<AirflowClient> =>
    clientOf((request, response) => {
      if (request.url === '/auth/token') send(response, 201, { access_token: 'opaque' });
      else send(response, status, { detail: 'no' });
    });
  await (await answering(404)).deleteConnection('kafka_default');
  await expect((await answering(403)).deleteConnection('kafka_default')).rejects.toThrow(
    'DELETE /api/v2/connections/kafka_default was answered with status 403: no.',
  );
});

test.each([
  ['a DAG', '2026-01-02T00:00:00Z', null, true],
  ['a file with an error', null, '2026-01-02T00:00:00Z', true],
  ['neither', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
])('%s was parsed since a time', async (_name, dag, error, expected) => {
  const client = await clientOf((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://server');
    if (pathname === '/auth/token') return send(response, 201, { access_token: 'opaque' });
    const dags = [{ dag_id: 'load', last_parsed_time: dag }];
    const import_errors = [{ filename: 'load.py', stack_trace: '', timestamp: error }];
    send(response, 200, { dags, import_errors, total_entries: 1 });
  });
  expect(await client.hasParsedSince(new Date('2026-01-01T12:00:00Z'))).toBe(expected);
});
