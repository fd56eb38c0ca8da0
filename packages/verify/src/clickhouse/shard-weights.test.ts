import { expect, test } from 'vitest';
import { ownShard, type ShardWeight } from './shard-weights.ts';

const shard = (number: number, local = false): ShardWeight => ({
  ...{ number, local, weight: 1, first: number - 1, end: number },
});

test('a node is in the shard where it finds itself, whatever its macro says', () => {
  expect(ownShard([shard(1), shard(2, true)], { shard: '1' })?.number).toBe(2);
  expect(ownShard([shard(1, true), shard(2)], { shard: 'eu-west' })?.number).toBe(1);
});

test('a node that finds itself nowhere, or twice, is in the shard of its macro', () => {
  expect(ownShard([shard(1), shard(2)], { shard: '02' })?.number).toBe(2);
  expect(ownShard([shard(1, true), shard(2, true)], { shard: '02' })?.number).toBe(2);
  expect(ownShard([shard(1), shard(2)], { shard: 'eu-west' })).toBeUndefined();
});
