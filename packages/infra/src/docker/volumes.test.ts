import { expect, test } from 'vitest';
import { COMPONENTS } from '../components/index.ts';
import type { ContainerPlan } from './container-plan.ts';
import { whyNotServed } from './volumes.ts';

const plan: Omit<ContainerPlan, 'ports'> = {
  ...{
    shards: 2,
    replicas: 2,
    airflow: true,
    workers: 1,
    storage: 'local_ssd',
    consumers: [],
    modules: [],
  },
  ...{ dagsFolder: '/dags', engine: 'server', replication: 'keeper', keepers: 3 },
  ...{ images: {}, chosenImages: {}, standIns: {} },
};

test('what does not touch the data may change', () => {
  const other = { ...plan, airflow: false, workers: 3, consumers: ['superset' as const] };
  expect(whyNotServed(COMPONENTS, plan, other)).toBeUndefined();
  // A stand-in of what keeps no data.
  expect(
    whyNotServed(COMPONENTS, plan, { ...plan, standIns: { redis: 'valkey' } }),
  ).toBeUndefined();
});

test.each([
  ['another shape', { shards: 3 }, /is of 2 × 2 nodes .*, not 3 × 2 nodes/],
  ['another engine', { engine: 'chdb' }, /engine server .*, not .* engine chdb/],
  [
    'no replication',
    { replication: 'distributed-writes', keepers: 0 },
    /not .* distributed writes/,
  ],
  ['another place for tables', { storage: 's3_ssd' }, /kept as local_ssd, .* as s3_ssd/],
  [
    'stand-ins of what keeps data',
    { standIns: { keeper: 'ZooKeeper', postgres: 'PostgreSQL of Debian' } },
    /written by official images of keeper, postgres, not stand-ins/,
  ],
] as const)('%s is refused', (_, change, words) => {
  expect(whyNotServed(COMPONENTS, plan, { ...plan, ...change })).toMatch(words);
});

test('official images do not serve what stand-ins wrote', () => {
  const standIns = { clickhouse: 'the embedded engine' };
  expect(whyNotServed(COMPONENTS, { ...plan, standIns }, plan)).toMatch(
    /written by stand-ins of clickhouse/,
  );
});
