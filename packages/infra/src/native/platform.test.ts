import { expect, test } from 'vitest';
import { generateSecrets } from '@provehouse/secrets';
import { toy } from '../../test/toy-component/index.ts';
import { COMPONENTS } from '../components/index.ts';
import { stateFolder } from '../state/state-folder.ts';
import type { Plan } from './plan.ts';
import { assemble, portRequests } from './platform.ts';
import { waveOf } from './stop.ts';

const shape = {
  ...{ shards: 1, replicas: 1, airflow: true, modules: {} },
  engine: {
    ...{ name: 'server' as const, command: ['clickhouse', 'server'], version: '26.3.1' },
    coordination: {
      kind: 'keeper' as const,
      command: ['clickhouse', 'keeper'],
      members: 1 as const,
    },
  },
};
const programs = {
  ...{ python: 'python', airflow: 'airflow', supervisord: 'supervisord' },
  ...{ postgres: 'postgres', valkey: 'valkey-server', lockFile: 'uv.lock' },
};

/** Names of the components of a platform that was planned with those descriptors, or with others. */
function namesOf(descriptors: typeof COMPONENTS, plannedWith = descriptors): string[] {
  const requests = portRequests(plannedWith, shape);
  const ports = Object.fromEntries(requests.map(({ name, preferred }) => [name, preferred]));
  const plan: Plan = {
    ...shape,
    dagsFolder: '/dags',
    databaseEngine: 'atomic',
    storage: 'local_ssd',
    ports,
  };
  const folder = stateFolder('/home', 'local');
  const secrets = generateSecrets();
  const { components } = assemble({ descriptors, folder, plan, secrets, programs, onMessage() {} });
  return components.map(({ name }) => name);
}

test('ports are those of the parts, ClickHouse first', () => {
  expect(portRequests(COMPONENTS, shape)).toEqual([
    { name: 'clickhouse-01.http', preferred: 8123 },
    { name: 'clickhouse-01.native', preferred: 9000 },
    { name: 'clickhouse-01.interserver', preferred: 9109 },
    { name: 'keeper-01.client', preferred: 9181 },
    { name: 'keeper-01.raft', preferred: 9234 },
    { name: 'postgres', preferred: 5432 },
    { name: 'redis', preferred: 6379 },
    { name: 'airflow', preferred: 8080 },
    { name: 'flower', preferred: 5555 },
    { name: 'scheduler-health', preferred: 8974 },
  ]);
  const alone = { ...shape, airflow: false, engine: { name: 'chdb' as const } };
  expect(portRequests(COMPONENTS, alone).map(({ name }) => name)).toEqual([
    'clickhouse-01.http',
    'clickhouse-01.native',
  ]);
});

test('what takes long is started first, and what says nothing of it last', () => {
  const names = namesOf([toy, ...COMPONENTS]);
  expect(names.slice(0, 3)).toEqual(['postgres', 'redis', 'airflow-parent']);
  expect(names.slice(-3)).toEqual(['keeper-01', 'clickhouse-01', 'toy']);
});

test('a platform that was planned by an earlier version is read without what it did not know', () => {
  expect(namesOf([...COMPONENTS, toy], COMPONENTS)).toEqual(namesOf(COMPONENTS));
});

test('tasks end before the api-server that they report to, nodes before their coordination', () => {
  const waves = Object.groupBy(namesOf([...COMPONENTS, toy]), (name) => waveOf(COMPONENTS, name));
  expect(waves.first).toContain('airflow-worker');
  expect(waves.second).toEqual(['airflow-api-server']);
  expect(waves.third).toEqual(['postgres', 'redis', 'airflow-parent', 'clickhouse-01', 'toy']);
  expect(waves.last).toEqual(['keeper-01']);
});
