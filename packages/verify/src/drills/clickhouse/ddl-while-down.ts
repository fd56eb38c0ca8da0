import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { Finding } from '../../verdict.ts';
import { whyNoPeer, withOneReplicaAway } from '../capable.ts';
import { comesTrue, hasEnded, provenStates } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';

/** A statement for all nodes that one of them cannot hear. */
export const ddlWhileDown: WritesDrill = {
  name: 'ddl-while-down',
  title: 'A table is made ON CLUSTER while a node is down',
  proves:
    'A statement that was given while a node was down is executed by the nodes that are up, and by the other when it returns.',
  doesNotProve: 'That it is executed by a node that returns after the queue has forgotten it.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 60,
  unavailable: (target) =>
    Promise.resolve(
      target.deployment.clickhouse.capabilities.distributedDdl
        ? whyNoPeer(target)
        : 'ON CLUSTER does not work on this platform: start one with infra:up --replication keeper',
    ),
  writes: withOneReplicaAway,
  fault(target, { node }, local) {
    const table = `${local}_ddl`;
    return Promise.resolve({
      undo: [
        { kind: 'start', component: node },
        { kind: 'tables', names: [table] },
      ],
      inject: () => target.runtime.kill(node),
      prove: () => provenStates(target.runtime, [node], hasEnded, `${node} has ended`),
      during: async () => [await judgeStatement(target, node, table)],
      lift: () => target.runtime.start(node),
      async recovered(): Promise<Finding[]> {
        const there = await comesTrue(60, () => hasTable(target, node, table));
        return [
          {
            status: there ? 'passed' : 'failed',
            subject: 'the statement after the return',
            node,
            expected: 'the node has executed it',
            observed: there ? 'the table is there' : 'no table after 60 s',
          },
        ];
      },
    });
  },
};

/** Gives the statement, and judges whether the nodes that are up execute it. */
async function judgeStatement(target: DrillTarget, down: string, table: string): Promise<Finding> {
  const { cluster, deployment } = target;
  const { clickhouse } = deployment;
  const others = cluster.nodes.filter(({ node }) => node.name !== down);
  const [entry] = others;
  if (entry === undefined) throw new RangeError('a cluster has more than one node');
  const statement = `CREATE TABLE ${quoteName(clickhouse.database)}.${quoteName(table)}
    ON CLUSTER ${quoteName(clickhouse.cluster)} (id UInt64) ENGINE = Log`;
  // It waits for the node that is down, and fails when the drill has long gone on.
  void entry.command(statement).catch(() => undefined);
  const done = await comesTrue(20, async () => {
    const found = await Promise.all(others.map(({ node }) => hasTable(target, node.name, table)));
    return found.every(Boolean);
  });
  return {
    status: done ? 'passed' : 'failed',
    subject: 'the statement while it lasted',
    expected: `the ${others.length} nodes that are up execute it`,
    observed: done ? 'they have the table' : 'some do not have the table after 20 s',
    sql: [statement],
  };
}

async function hasTable({ cluster, deployment }: DrillTarget, node: string, table: string) {
  const sql = `SELECT count() AS tables FROM system.tables
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`;
  const [row] = await cluster.node(node).query(sql, z.object({ tables: z.coerce.number() }));
  return row?.tables === 1;
}
