import { expect, test } from 'vitest';
import { generateSecrets } from '@provehouse/secrets';
import { airflowEnvironment, serviceUrl } from './environment.ts';

const nasty = `p@ss/w:o?r#d%41 &"'$é`;

const place = (port: number) => ({ host: '127.0.0.1', port });

test('a password with every special character comes back out of the URL', () => {
  const url = new URL(serviceUrl('redis', { user: 'name', password: nasty }, place(6379), '0'));
  expect(decodeURIComponent(url.password)).toBe(nasty);
  expect([url.hostname, url.port, url.pathname]).toEqual(['127.0.0.1', '6379', '/0']);
});

const environment = (secrets = generateSecrets()) =>
  airflowEnvironment({
    secrets,
    database: 'otus_default',
    folders: { home: '/home', dags: '/dags', taskLogs: '/tasks', parserLogs: '/parser' },
    places: {
      ...{ listenHost: '127.0.0.1', apiPort: 8080, flowerPort: 5555, schedulerHealthPort: 8974 },
      ...{ internalUrl: 'http://127.0.0.1:8080', url: 'http://127.0.0.1:8080' },
      ...{ postgres: place(5432), redis: place(6379), clickhouse: place(8123) },
    },
  });

test('every listener is on the loopback address', () => {
  const hosts = Object.entries(environment()).filter(([name]) => /(?:__|_)HOST$/.test(name));
  expect(hosts.length).toBeGreaterThanOrEqual(3);
  for (const [, host] of hosts) expect(host).toBe('127.0.0.1');
});

test('a rotated Fernet key is given with the one before it', () => {
  const secrets = { ...generateSecrets(), airflow_fernet_key_previous: 'old' };
  expect(environment(secrets)['AIRFLOW__CORE__FERNET_KEY']).toBe(
    `${secrets.airflow_fernet_key},old`,
  );
});

test('tasks find ClickHouse by the variables that the reference names', () => {
  const secrets = generateSecrets();
  expect(environment(secrets)).toMatchObject({
    CLICKHOUSE_HOST: '127.0.0.1',
    CLICKHOUSE_PORT: '8123',
    CLICKHOUSE_USER: secrets.super_user_name,
    CLICKHOUSE_PASSWORD: secrets.super_user_password,
    CLICKHOUSE_DATABASE: 'otus_default',
  });
});

test('tasks are in the time zone of the platform', () => {
  expect(environment()).toMatchObject({ TZ: 'UTC', AIRFLOW__CORE__DEFAULT_TIMEZONE: 'utc' });
});
