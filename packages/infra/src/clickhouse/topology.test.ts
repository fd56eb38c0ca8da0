import { expect, test } from 'vitest';
import { createTopology, TopologyError } from './topology.ts';

test('two shards of two replicas get the macros that the reference names', () => {
  const { nodes } = createTopology();
  expect(nodes.map(({ name, shard, replica }) => `${name} ${shard} ${replica}`)).toEqual([
    'clickhouse-01 01 01',
    'clickhouse-02 02 01',
    'clickhouse-03 01 02',
    'clickhouse-04 02 02',
  ]);
});

test.each([
  [1, 1],
  [3, 2],
  [1, 3],
  [16, 16],
])('%i shards of %i replicas hold each pair of macros once', (shards, replicas) => {
  const { nodes } = createTopology({ shards, replicas });
  expect(new Set(nodes.map(({ shard, replica }) => `${shard}/${replica}`)).size).toBe(
    shards * replicas,
  );
  expect(new Set(nodes.map(({ name }) => name)).size).toBe(shards * replicas);
});

test.each([0, -1, 17, 1.5, Number.NaN])('%d shards are refused by name and value', (shards) => {
  expect(() => createTopology({ shards })).toThrow(TopologyError);
  expect(() => createTopology({ shards })).toThrow(
    `shards: expected a whole number from 1 to 16, found ${shards}`,
  );
});
