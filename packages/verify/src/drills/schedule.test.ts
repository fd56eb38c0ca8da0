import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDeployment } from '@provehouse/infra';
import { expect, test } from 'vitest';
import { drills } from './index.ts';
import { batchesOf, scheduleOf } from './schedule.ts';

const file = join(import.meta.dirname, '../../examples/external-deployment.json');
const deployment = parseDeployment(readFileSync(file, 'utf8'), file);
const keepers = ['keeper-01', 'keeper-02', 'keeper-03'].map((name) => ({ name }));
const COORDINATION = { kind: 'keeper', ddlQueue: '/ddl', sessionTimeoutMs: 5000 } as const;
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

test('the same seed gives the same schedule, for every drill', () => {
  for (const { name } of drills) {
    expect(scheduleOf(name, 7, deployment)).toEqual(scheduleOf(name, 7, deployment));
  }
});

test('the schedule of a seed stays what it was', () => {
  const { node, batchRows, before, during, after } = scheduleOf('kill-replica', 7, deployment);
  expect({ node, batchRows, before, during, after }).toEqual({
    ...{ node: 'clickhouse-01', batchRows: 634, before: 8, during: 30, after: 12 },
  });
});

test('seeds and drills differ in whom they hit', () => {
  const hit = new Set(SEEDS.map((seed) => scheduleOf('kill-replica', seed, deployment).node));
  expect(hit.size).toBe(deployment.clickhouse.nodes.length);
  const rows = new Set(drills.map(({ name }) => scheduleOf(name, 7, deployment).batchRows));
  expect(rows.size).toBeGreaterThan(1);
});

test('the peer is another replica of the same shard, and batches are sent before and after', () => {
  for (const seed of SEEDS) {
    const schedule = scheduleOf('kill-replica', seed, deployment);
    const shardOf = (name?: string): string | undefined =>
      deployment.clickhouse.nodes.find((node) => node.name === name)?.shard;
    expect(schedule.peer).not.toBe(schedule.node);
    expect(shardOf(schedule.peer)).toBe(shardOf(schedule.node));
    expect(Math.min(schedule.before, schedule.during, schedule.after)).toBeGreaterThan(0);
    expect(batchesOf(schedule)).toBe(schedule.before + schedule.during + schedule.after);
  }
});

test('every coordinator is hit first by some seed, and all are in each schedule', () => {
  const { clickhouse } = deployment;
  const servers = keepers.map((keeper) => ({ ...keeper, host: '127.0.0.1', port: 9181 }));
  const ensemble = {
    clickhouse: { ...clickhouse, coordination: { ...COORDINATION, servers } },
  };
  const orders = SEEDS.map((seed) => scheduleOf('lose-quorum', seed, ensemble).coordinators);
  expect(new Set(orders.map(([first]) => first)).size).toBe(3);
  expect(orders.every((order) => new Set(order).size === 3)).toBe(true);
});
