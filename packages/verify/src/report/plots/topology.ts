import type { TopLevelSpec } from 'vega-lite';
import { PALETTE } from './render-plot.ts';

/** A node's place in the cluster. */
export interface NodePlace {
  readonly node: string;
  readonly shard: string;
  readonly replica: string;
}

/** The cluster as a grid: a column for each shard, a row for each replica. */
export function topologyPlot(cluster: string, nodes: readonly NodePlace[]): TopLevelSpec {
  const count = (field: 'shard' | 'replica'): number =>
    new Set(nodes.map((node) => node[field])).size;
  return {
    title: {
      text: `Topology of ${cluster}`,
      subtitle: `${count('shard')} shards × ${count('replica')} replicas on ${nodes.length} nodes`,
    },
    data: {
      values: nodes.map(({ node, shard, replica }) => ({
        ...{ node, shard: `shard ${shard}`, replica: `replica ${replica}` },
      })),
    },
    width: { step: 190 },
    height: { step: 72 },
    encoding: {
      x: { field: 'shard', type: 'nominal', title: null, axis: axisOnTop },
      y: { field: 'replica', type: 'nominal', title: null, axis: quiet },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 6, stroke: 'white', strokeWidth: 8 },
        encoding: {
          color: { field: 'shard', type: 'nominal', legend: null, scale: { range: PALETTE } },
        },
      },
      {
        mark: { type: 'text', color: 'white', fontSize: 14, fontWeight: 'bold' },
        encoding: { text: { field: 'node', type: 'nominal' } },
      },
    ],
  };
}

const quiet = { domain: false, ticks: false, labelAngle: 0, labelPadding: 6 } as const;
const axisOnTop = { ...quiet, orient: 'top' } as const;
