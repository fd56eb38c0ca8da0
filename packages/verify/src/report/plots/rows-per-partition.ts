import type { TopLevelSpec } from 'vega-lite';
import { PALETTE } from './render-plot.ts';

/** How many rows of a partition a node holds. */
export interface PartitionRows {
  readonly node: string;
  readonly partition: string;
  readonly rows: number;
}

/** A table of rows by partition and node, in which replicas of a shard must look the same. */
export function rowsPerPartition(partitions: readonly PartitionRows[]): TopLevelSpec {
  const largest = Math.max(0, ...partitions.map(({ rows }) => rows));
  const format = largest < 10_000_000 ? ',' : '.4s';
  return {
    title: {
      text: 'Rows per month and node',
      subtitle: 'as the active parts say · replicas of a shard must have the same row',
    },
    data: { values: [...partitions] },
    width: { step: 60 },
    height: { step: 34 },
    encoding: {
      x: { field: 'partition', type: 'ordinal', title: 'partition', axis: { labelAngle: -30 } },
      y: { field: 'node', type: 'nominal', title: null },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 2 },
        encoding: {
          color: {
            field: 'rows',
            type: 'quantitative',
            legend: null,
            scale: { range: ['#eef5fa', PALETTE[0] ?? 'blue'], domain: [0, largest || 1] },
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'rows', type: 'quantitative', format },
          color: {
            condition: { test: `datum.rows > ${largest * 0.85}`, value: 'white' },
            value: '#222',
          },
        },
      },
    ],
  };
}
