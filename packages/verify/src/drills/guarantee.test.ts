import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../test/drill-target.ts';
import { withOneReplicaAway } from './capable.ts';
import { quorumOf } from './guarantee.ts';

/** A replicating platform of two shards with so many replicas each. */
function platformOf(replicas: number) {
  const { target } = imaginaryTarget();
  const { clickhouse } = target.deployment;
  const [node] = clickhouse.nodes;
  const nodes = ['01', '02'].flatMap((shard) =>
    Array.from({ length: replicas }, (_, index) => ({
      ...node!,
      name: `${shard}-${index}`,
      shard,
    })),
  );
  const capabilities = { ...clickhouse.capabilities, replication: 'keeper' as const };
  const deployment = { ...target.deployment, clickhouse: { ...clickhouse, nodes, capabilities } };
  return { ...target, deployment };
}

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
])('of %i replicas a quorum is %i', (replicas, quorum) => {
  expect(quorumOf(platformOf(replicas).deployment)).toBe(quorum);
});

test.each([
  [2, 'single', 'accepted'],
  [2, 'quorum', 'refused'],
  [3, 'quorum', 'accepted'],
  [1, 'single', 'refused'],
] as const)('with one of %i replicas away, inserts that ask for %s are %s', (...words) => {
  const [replicas, guarantee, writes] = words;
  expect(withOneReplicaAway(platformOf(replicas), guarantee)).toBe(writes);
});
