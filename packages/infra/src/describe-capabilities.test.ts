import { expect, test } from 'vitest';
import { describeCapabilities } from './describe-capabilities.ts';

test('what an old server can do and what not is said in one line', () => {
  const old = { distributedDdl: true, exchangeTables: false, sqlUsers: false };
  expect(describeCapabilities({ replication: 'keeper', ...old })).toBe(
    'ReplicatedMergeTree, ON CLUSTER; not EXCHANGE TABLES, CREATE USER',
  );
});

test('a server that can do everything lacks nothing', () => {
  const all = { distributedDdl: true, exchangeTables: true, sqlUsers: true };
  expect(describeCapabilities({ replication: 'keeper', ...all })).toBe(
    'ReplicatedMergeTree, ON CLUSTER, EXCHANGE TABLES, CREATE USER',
  );
});

test('one that can do nothing of it says so', () => {
  const nothing = { distributedDdl: false, exchangeTables: false, sqlUsers: false };
  expect(describeCapabilities({ replication: 'distributed-writes', ...nothing })).toMatch(/^none/);
});
