import { expect, test } from 'vitest';
import { renderConfiguration } from './render.ts';

test('every node and Airflow get files, in which names stand for the secrets', () => {
  const files = renderConfiguration('/home', 'local', { shards: 3, replicas: 1 }, '/dags');
  expect([...files.keys()]).toEqual([
    ...['01', '02', '03'].flatMap((number) => [
      `/home/local/config/clickhouse-${number}/config.xml`,
      `/home/local/config/clickhouse-${number}/users.xml`,
    ]),
    '/home/local/config/airflow/environment.json',
  ]);
  const environment = JSON.parse([...files.values()].at(-1) ?? '');
  expect(environment.CLICKHOUSE_PASSWORD).toBe('<super_user_password>');
});
