import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../../test/drill-target.ts';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import { dropOrphanParts } from './orphan-parts.ts';

const PARTS = [
  { name: 'all_1_1_0', rows: 300 },
  { name: 'all_2_2_0', rows: 4 },
];

/** A platform whose first node has parts that coordination does not know, before and after a restart. */
function platformWith(before: object[], after: object[], replication = 'keeper') {
  const { target } = imaginaryTarget();
  const commands: string[] = [];
  const nodes = target.cluster.nodes.map((client, index): NodeClient => {
    let parts: object[] = index === 0 ? before : [];
    return {
      ...client,
      query: (sql, row) =>
        Promise.resolve(
          (sql.includes('system.replicas')
            ? [{ replica_path: '/clickhouse/tables/01/t/replicas/01' }]
            : parts
          ).map((found) => row.parse(found)),
        ),
      command(sql) {
        commands.push(`${client.node.name}: ${sql}`);
        parts = after;
        return Promise.resolve();
      },
    };
  });
  const { clickhouse } = target.deployment;
  const capabilities = { ...clickhouse.capabilities, replication };
  const deployment = { ...target.deployment, clickhouse: { ...clickhouse, capabilities } };
  return {
    target: { ...target, deployment, cluster: { ...target.cluster, nodes } } as DrillTarget,
    commands,
  };
}

test('a replica with parts that coordination does not know is restarted, alone, and that is reported', async () => {
  const { target, commands } = platformWith(PARTS, []);
  const [first] = target.cluster.nodes;
  const { database } = target.deployment.clickhouse;
  expect(await dropOrphanParts(target, 't_local')).toMatchObject([
    {
      status: 'warned',
      node: first?.node.name,
      observed: expect.stringMatching(/^2 with 304 rows; 0 after/),
    },
  ]);
  expect(commands).toEqual([
    `${first?.node.name}: SYSTEM RESTART REPLICA \`${database}\`.\`t_local\``,
  ]);
});

test('parts that stay are a failure', async () => {
  const { target } = platformWith(PARTS, PARTS);
  expect(await dropOrphanParts(target, 't_local')).toMatchObject([{ status: 'failed' }]);
});

test('without such parts nothing is done', async () => {
  const { target, commands } = platformWith([], []);
  expect(await dropOrphanParts(target, 't_local')).toEqual([]);
  expect(commands).toEqual([]);
});

test('tables that do not replicate themselves are not looked at', async () => {
  const { target, commands } = platformWith(PARTS, [], 'distributed');
  expect(await dropOrphanParts(target, 't_local')).toEqual([]);
  expect(commands).toEqual([]);
});
