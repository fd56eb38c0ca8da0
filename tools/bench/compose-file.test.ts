import { expect, test } from 'vitest';
import { composeFile, composeFileSources, nodesOnly } from './compose-file.ts';
import { exampleState } from './example-state.ts';
import { statedContainers } from './terraform-state.ts';

const containers = statedContainers(exampleState());
const file = composeFile('example', containers, '/files');

test('a service runs the same image and command with the same limits', () => {
  expect(file.services['postgres']).toMatchObject({
    image: 'postgres:18.6-trixie',
    command: ['postgres', '-c', 'log_min_error_statement=panic'],
    environment: ['POSTGRES_PASSWORD_FILE=/run/provehouse/superuser.password'],
    user: '999:999',
    mem_limit: '512m',
    cap_drop: ['ALL'],
    ports: ['127.0.0.1:21000:5432'],
    stop_grace_period: '20s',
  });
  expect(file.services['postgres']).not.toHaveProperty('entrypoint');
});

test('a dollar of a health check is none of compose', () => {
  expect(file.services['postgres']?.healthcheck).toEqual({
    test: ['CMD-SHELL', 'test "$$(psql -tAc \'SELECT 1\')" = 1'],
    interval: '2s',
    timeout: '5s',
    start_period: '2m0s',
    retries: 3,
  });
});

test('jobs are waited for until they have ended, all others until they are healthy', () => {
  expect(file.services['airflow-scheduler']?.depends_on).toEqual({
    postgres: { condition: 'service_healthy' },
    'postgres-accounts': { condition: 'service_completed_successfully' },
  });
  expect(file.services['postgres-accounts']).not.toHaveProperty('healthcheck');
});

test('networks and volumes are of the project, folders of the machine', () => {
  expect(file.networks).toEqual({ postgres: {}, airflow: {}, clickhouse: {} });
  expect(file.volumes).toEqual({ 'postgres-data': {}, 'clickhouse-01-data': {} });
  expect(file.services['airflow-scheduler']?.networks).toEqual(['airflow', 'postgres']);
  expect(file.services['airflow-scheduler']?.volumes).toEqual([
    { type: 'bind', source: '/dags', target: '/opt/airflow/dags', read_only: true },
  ]);
});

test('every file that is mounted has a source', () => {
  const mounted = Object.values(file.services).flatMap(({ volumes }) =>
    volumes.filter(({ source }) => source.startsWith('/files/')).map(({ source }) => source),
  );
  expect(mounted).toHaveLength(2);
  expect(composeFileSources(containers, '/files')).toEqual([
    { path: mounted[0], source: '/config/password', content: '' },
    { path: mounted[1], source: '', content: 'exit 0\n' },
  ]);
});

test('nothing of it carries the label of the platform, which would remove it with the platform', () => {
  expect(JSON.stringify(file)).not.toContain('org.provehouse.platform');
});

test('the nodes alone have their own volumes and networks only, and are asked every second', () => {
  const nodes = nodesOnly(file);
  expect(Object.keys(nodes.services)).toEqual(['clickhouse-01']);
  expect(nodes.services['clickhouse-01']?.healthcheck?.interval).toBe('1s');
  expect(nodes.networks).toEqual({ clickhouse: {} });
  expect(nodes.volumes).toEqual({ 'clickhouse-01-data': {} });
});
