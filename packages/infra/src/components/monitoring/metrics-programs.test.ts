import { expect, test } from 'vitest';
import type { EngineChoice } from '../../clickhouse/engine.ts';
import { JMX_METRICS } from '../../native/jmx/jmx-agent.ts';
import type { Plan } from '../../native/plan.ts';
import { agentOf, hasAgent, metricsPrograms, metricsTargets } from './metrics-programs.ts';

const command = ['java'];
const zookeepers = (members: 1 | 3): EngineChoice => ({
  name: 'chdb',
  coordination: { kind: 'zookeeper', command, members },
});
const keepers: EngineChoice = {
  ...{ name: 'server', version: '25.8.1.1', command },
  coordination: { kind: 'keeper', command, members: 3 },
};
const elsewhere: EngineChoice = {
  name: 'chdb',
  coordination: { kind: 'existing', servers: [{ host: 'zookeeper.example', port: 2181 }] },
};

const JAR = '/cache/agent.jar';

const planOf = (engine: EngineChoice, modules: Plan['modules'], ports: Plan['ports']): Plan => ({
  ...{ shards: 1, replicas: 1, airflow: false, dagsFolder: '/dags', databaseEngine: 'atomic' },
  ...{ storage: 'local_ssd', engine, modules, ports },
});

test('every coordinator of the platform and its broker have a port of their own', () => {
  const ports = (engine: EngineChoice, modules: 'kafka'[] = []) =>
    metricsPrograms({ engine, modules }).map(({ component, port }) => [
      ...[component, port.name, port.preferred],
    ]);
  expect(ports(zookeepers(3), ['kafka'])).toEqual([
    ['zookeeper-01', 'zookeeper-01.metrics', 7000],
    ['zookeeper-02', 'zookeeper-02.metrics', 7001],
    ['zookeeper-03', 'zookeeper-03.metrics', 7002],
    ['kafka', 'kafka-metrics', 9404],
  ]);
  expect(ports(zookeepers(1))).toEqual([['zookeeper-01', 'zookeeper-01.metrics', 7000]]);
  expect(ports(keepers)).toEqual([
    ['keeper-01', 'keeper-01.metrics', 9363],
    ['keeper-02', 'keeper-02.metrics', 9364],
    ['keeper-03', 'keeper-03.metrics', 9365],
  ]);
});

test.each([
  ['an ensemble that somebody else runs', elsewhere],
  ['no coordination', { name: 'chdb' } as const],
])('of %s nothing serves metrics', (_, engine) => {
  expect(metricsPrograms({ engine, modules: [] })).toEqual([]);
});

test('Keepers serve metrics by themselves, and have no agent', () => {
  const plan = planOf(keepers, { monitoring: ['prometheus', JAR] }, { 'keeper-01.metrics': 9363 });
  expect(metricsPrograms({ engine: keepers, modules: [] }).some(hasAgent)).toBe(false);
  expect(metricsTargets(plan)).toEqual([
    { job: 'keeper', component: 'keeper-01', address: '127.0.0.1:9363' },
  ]);
  expect(agentOf(plan, 'keeper-01')).toBeUndefined();
});

test('a program is scraped where its agent listens', () => {
  const modules = { monitoring: ['prometheus', JAR], kafka: command };
  const plan = planOf(zookeepers(1), modules, {
    'zookeeper-01.metrics': 17000,
    'kafka-metrics': 19404,
  });
  expect(metricsTargets(plan)).toEqual([
    { job: 'zookeeper', component: 'zookeeper-01', address: '127.0.0.1:17000' },
    { job: 'kafka', component: 'kafka', address: '127.0.0.1:19404' },
  ]);
  expect(agentOf(plan, 'kafka')).toEqual({
    ...{ jar: JAR, address: { host: '127.0.0.1', port: 19404 }, metrics: JMX_METRICS.kafka },
  });
  expect(agentOf(plan, 'zookeeper-01')?.metrics).toBe(JMX_METRICS.zookeeper);
  expect(agentOf(plan, 'zookeeper-02')).toBeUndefined();
});

test('without monitoring no program has an agent and none is scraped', () => {
  const plan = planOf(zookeepers(3), { kafka: command }, { kafka: 9092 });
  expect(metricsTargets(plan)).toEqual([]);
  expect(agentOf(plan, 'kafka')).toBeUndefined();
  expect(agentOf(plan, 'zookeeper-01')).toBeUndefined();
});
