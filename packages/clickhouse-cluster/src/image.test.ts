import { expect, it } from 'vitest';
import { ClusterOptionError } from './cluster-options.ts';
import { imageTraits, keepersFor } from './image.ts';

const official = imageTraits({});
const standIn = imageTraits({
  'org.provehouse.stand-in': 'the embedded engine',
  'org.provehouse.replication': 'distributed-writes',
});

it.each([
  ['an image without labels gets three Keepers', official, undefined, 3],
  ['an image without labels gets as many Keepers as asked for', official, 1, 1],
  ['an image without labels gets no Keepers where none are asked for', official, 0, 0],
  ['a stand-in without replication gets none', standIn, undefined, 0],
  ['a stand-in without replication may be named as such', standIn, 0, 0],
])('%s', (_, traits, asked, keepers) => {
  expect(keepersFor('image:1', traits, asked)).toBe(keepers);
});

it('a stand-in without replication is refused Keepers, with the reason', () => {
  const ask = () => keepersFor('standin:1', standIn, 3);
  expect(ask).toThrow(ClusterOptionError);
  expect(ask).toThrow(
    /withKeepers: expected 0, for standin:1 .*org\.provehouse\.replication.* 3\./,
  );
});

it('only a stand-in is known to have what a network cut needs', () => {
  expect([official.canCutNetwork, standIn.canCutNetwork]).toEqual([false, true]);
});
