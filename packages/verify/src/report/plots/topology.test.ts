import { expect, test } from 'vitest';
import { marksOf, textsOf } from '../../../test/svg-marks.ts';
import { renderPlot } from './render-plot.ts';
import { topologyPlot } from './topology.ts';

const NODES = [
  { node: 'clickhouse-01', shard: '01', replica: '01' },
  { node: 'clickhouse-02', shard: '02', replica: '01' },
  { node: 'clickhouse-03', shard: '01', replica: '02' },
  { node: 'clickhouse-04', shard: '02', replica: '02' },
];

test('each node stands at its shard and replica', async () => {
  const svg = await renderPlot(topologyPlot('dwh_test', NODES));
  expect(marksOf(svg).map(({ description }) => description)).toEqual([
    'shard: shard 01; replica: replica 01',
    'shard: shard 02; replica: replica 01',
    'shard: shard 01; replica: replica 02',
    'shard: shard 02; replica: replica 02',
  ]);
  const names = NODES.map(({ node }) => node);
  expect(textsOf(svg).filter((text) => names.includes(text))).toEqual(names);
});

test('replicas of a shard have the same colour, shards different ones', async () => {
  const marks = marksOf(await renderPlot(topologyPlot('dwh_test', NODES)));
  const [first, second, third, fourth] = marks.map(({ fill }) => fill);
  expect([third, fourth]).toEqual([first, second]);
  expect(first).not.toBe(second);
});

test.each([
  ['2 shards × 2 replicas, 4 nodes in all', NODES],
  ['2 shards × 1 replica, 2 nodes in all', NODES.slice(0, 2)],
  ['1 shard × 1 replica, 1 node in all', NODES.slice(0, 1)],
])('the title names the cluster and its size: %s', async (size, nodes) => {
  const texts = textsOf(await renderPlot(topologyPlot('dwh_test', nodes)));
  expect(texts).toEqual(expect.arrayContaining(['Topology of dwh_test', size]));
});
