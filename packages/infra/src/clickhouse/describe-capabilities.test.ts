import { expect, test } from 'vitest';
import type { Capabilities } from '../state/deployment.ts';
import { describeCapabilities } from './describe-capabilities.ts';

const EVERYTHING: Capabilities = {
  replication: 'keeper',
  distributedDdl: true,
  exchangeTables: true,
  replicatedDatabase: false,
  sqlUsers: true,
};

test('what an old server can do and what not is said in one line', () => {
  const old = { ...EVERYTHING, exchangeTables: false, sqlUsers: false };
  expect(describeCapabilities(old)).toBe(
    'ReplicatedMergeTree, ON CLUSTER; not EXCHANGE TABLES, CREATE USER',
  );
});

test('a server that can do everything lacks nothing', () => {
  expect(describeCapabilities(EVERYTHING)).toBe(
    'ReplicatedMergeTree, ON CLUSTER, EXCHANGE TABLES, CREATE USER',
  );
});

test('a Replicated database takes no statement ON CLUSTER', () => {
  expect(describeCapabilities({ ...EVERYTHING, replicatedDatabase: true })).toMatch(
    /ON CLUSTER outside its Replicated database/,
  );
});

test('one that can do nothing of it says so', () => {
  const nothing = { distributedDdl: false, exchangeTables: false, sqlUsers: false };
  const least = { ...EVERYTHING, ...nothing, replication: 'distributed-writes' as const };
  expect(describeCapabilities(least)).toMatch(/^none/);
});
