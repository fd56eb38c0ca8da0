import { expect, test } from 'vitest';
import { marksOf, textsOf } from '../../../test/svg-marks.ts';
import { renderPlot } from './render-plot.ts';
import { rowsPerPartition, type PartitionRows } from './rows-per-partition.ts';

const draw = (partitions: readonly PartitionRows[]): Promise<string> =>
  renderPlot(rowsPerPartition(partitions));

test('each partition of each node is a cell with its rows', async () => {
  const svg = await draw([
    { node: 'clickhouse-01', partition: '202511', rows: 7 },
    { node: 'clickhouse-01', partition: '202512', rows: 3 },
    { node: 'clickhouse-02', partition: '202511', rows: 9 },
  ]);
  expect(marksOf(svg).map(({ description }) => description)).toEqual([
    'partition: 202511; node: clickhouse-01; rows: 7',
    'partition: 202512; node: clickhouse-01; rows: 3',
    'partition: 202511; node: clickhouse-02; rows: 9',
  ]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['7', '3', '9', '202511', '202512']));
});

test('cells with the same rows have the same colour, others do not', async () => {
  const rows = [500, 100, 500];
  const svg = await draw(
    rows.map((count, index) => ({ node: `n${index}`, partition: 'p', rows: count })),
  );
  const [first, second, third] = marksOf(svg).map(({ fill }) => fill);
  expect(third).toBe(first);
  expect(second).not.toBe(first);
});

test('a difference of one row shows among hundreds of thousands', async () => {
  const svg = await draw([
    { node: 'clickhouse-01', partition: '202511', rows: 384_616 },
    { node: 'clickhouse-03', partition: '202511', rows: 384_615 },
  ]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['384,616', '384,615']));
});

test('counts too long for a cell are shortened', async () => {
  const texts = textsOf(await draw([{ node: 'n', partition: 'p', rows: 123_456_789 }]));
  expect(texts).toContain('123.5M');
});

test('partitions without rows are pale, and none at all are drawn as none', async () => {
  const empty = await draw([{ node: 'n', partition: 'p', rows: 0 }]);
  expect(marksOf(empty)).toEqual([
    { description: 'partition: p; node: n; rows: 0', fill: 'rgb(238, 245, 250)' },
  ]);
  expect(marksOf(await draw([]))).toEqual([]);
});
