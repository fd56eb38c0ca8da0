import { expect, test } from 'vitest';
import { marksOf, textsOf } from '../../../test/svg-marks.ts';
import { renderPlot } from './render-plot.ts';
import { rowsPerNode, type NodeRows } from './rows-per-node.ts';

const nodes = (rows: readonly [number, number, number, number]): NodeRows[] => [
  { node: 'clickhouse-01', shard: '01', replica: '01', rows: rows[0], expected: 50 },
  { node: 'clickhouse-02', shard: '02', replica: '01', rows: rows[1], expected: 50 },
  { node: 'clickhouse-03', shard: '01', replica: '02', rows: rows[2], expected: 50 },
  { node: 'clickhouse-04', shard: '02', replica: '02', rows: rows[3], expected: 50 },
];

const draw = (given: readonly NodeRows[]): Promise<string> => renderPlot(rowsPerNode(given));

test('each node has a bar of its rows and a line at the expected number', async () => {
  const marks = marksOf(await draw(nodes([52, 48, 52, 48])));
  const found = marks.map(({ description }) => description);
  expect(found.filter((text) => text.includes('place'))).toEqual([
    'rows: 52; node: clickhouse-01; place: shard 01',
    'rows: 48; node: clickhouse-02; place: shard 02',
    'rows: 52; node: clickhouse-03; place: shard 01',
    'rows: 48; node: clickhouse-04; place: shard 02',
  ]);
  expect(found.filter((text) => text.startsWith('rows: 50;'))).toHaveLength(4);
});

test('replicas of a shard have the same colour, shards different ones', async () => {
  const marks = marksOf(await draw(nodes([52, 48, 52, 48])));
  const [first, second, third, fourth] = marks.map(({ fill }) => fill);
  expect([third, fourth]).toEqual([first, second]);
  expect(first).not.toBe(second);
});

test('a label says the rows and how far they are from the expected number', async () => {
  const texts = textsOf(await draw(nodes([1_000_000, 49.5, 50, 0])));
  expect(texts).toEqual(
    expect.arrayContaining(['1,000,000 (+1,999,900 %)', '49.5 (-1 %)', '50 (0 %)', '0 (-100 %)']),
  );
});

test('the subtitle gives the rows of a full copy', async () => {
  const texts = textsOf(await draw(nodes([52, 48, 52, 48])));
  expect(texts).toContainEqual(expect.stringContaining('100 rows in each full copy'));
});

test('the subtitle says so when the copies differ', async () => {
  const texts = textsOf(await draw(nodes([52, 48, 52, 47])));
  expect(texts).toContainEqual(
    expect.stringContaining('the copies differ, rows by replica 01: 100, 02: 99'),
  );
});

test('a cluster without rows is drawn', async () => {
  const empty = nodes([0, 0, 0, 0]).map((node) => ({ ...node, expected: 0 }));
  const svg = await draw(empty);
  expect(svg).not.toContain('NaN');
  expect(textsOf(svg)).toContainEqual(expect.stringContaining('0 rows in each full copy'));
});
