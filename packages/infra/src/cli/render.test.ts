import { expect, test } from 'vitest';
import { renderConfiguration } from './render.ts';

const render = (options: Partial<Parameters<typeof renderConfiguration>[2]>) =>
  renderConfiguration('/home', 'local', { dagsFolder: '/dags', ...options });

test('every node and Airflow get files, in which names stand for the secrets', async () => {
  const files = await render({ shards: 3, replicas: 1 });
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

test('what is shown is what the options say: ports, coordination, and what is left out', async () => {
  const first = '/home/local/config/clickhouse-01/config.xml';
  const coordinated = await render({
    without: ['airflow'],
    coordination: [{ host: 'keeper.example', port: 9181 }],
    ports: { 'clickhouse-01.http': 18123 },
  });
  expect([...coordinated.keys()].filter((file) => file.includes('airflow'))).toEqual([]);
  expect(coordinated.get(first)).toContain('<http_port>18123</http_port>');
  expect(coordinated.get(first)).toContain('<host>keeper.example</host>');
  const alone = await render({ replication: 'distributed-writes' });
  expect(alone.get(first)).not.toContain('<zookeeper>');
});

test('options that contradict each other are refused as up refuses them', async () => {
  const coordination = [{ host: 'keeper.example', port: 9181 }];
  await expect(render({ replication: 'distributed-writes', coordination })).rejects.toThrow(
    '--coordination is for tables that replicate',
  );
});
