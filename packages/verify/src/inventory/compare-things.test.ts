import { expect, test } from 'vitest';
import { compareThings, type NodeThings } from './compare-things.ts';

const node = (name: string, things: Readonly<Record<string, string>>): NodeThings => ({
  node: name,
  things: Object.entries(things).map(([thing, definition]) => ({
    ...{ kind: 'table', name: thing, definition },
  })),
});

test('things that are the same on all nodes are counted, in whatever order they come', () => {
  const nodes = [node('a', { x: '1', y: '2' }), node('b', { y: '2', x: '1' })];
  expect(compareThings(nodes)).toEqual({ alike: 2, differences: [] });
  expect(compareThings([node('a', {}), node('b', {})])).toEqual({ alike: 0, differences: [] });
});

test('most nodes decide what is usual, also where they do not have the thing', () => {
  const nodes = [node('a', { x: '1' }), node('b', { x: '1' }), node('c', { x: '2', z: '' })];
  expect(compareThings(nodes).differences).toEqual([
    {
      ...{ kind: 'table', name: 'x', tied: false },
      usual: { nodes: ['a', 'b'], definition: '1' },
      odd: [{ nodes: ['c'], definition: '2' }],
    },
    {
      ...{ kind: 'table', name: 'z', tied: false },
      usual: { nodes: ['a', 'b'], definition: undefined },
      odd: [{ nodes: ['c'], definition: '' }],
    },
  ]);
});

test('where no version is on most nodes, one that is there is usual, and it is said', () => {
  expect(compareThings([node('a', {}), node('b', { x: '1' })]).differences).toMatchObject([
    { usual: { nodes: ['b'] }, odd: [{ nodes: ['a'] }], tied: true },
  ]);
  expect(compareThings([node('a', { x: '2' }), node('b', { x: '1' })]).differences).toMatchObject([
    { usual: { nodes: ['a'] }, odd: [{ nodes: ['b'] }], tied: true },
  ]);
});

test('parts of one thing come in any order', () => {
  const things = ['1 hour', '1 day'].map((definition) => ({
    ...{ kind: 'quota', name: 'q', definition },
  })) as NodeThings['things'];
  const nodes = [
    { node: 'a', things },
    { node: 'b', things: things.toReversed() },
  ];
  expect(compareThings(nodes)).toEqual({ alike: 1, differences: [] });
});
