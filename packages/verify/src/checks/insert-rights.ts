import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { grantsOf, mayInsert } from '../clickhouse/grants.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import type { Reached } from '../clickhouse/peers.ts';
import { localTables } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/** A query of one node as it came to another. */
export interface Arrival extends Reached {
  readonly from: string;
  readonly to: string;
}

/** Judges on each node the rights of the accounts under which others come. */
export async function judgeInserts(
  context: ClusterContext,
  arrivals: readonly Arrival[],
): Promise<readonly Finding[]> {
  const { answers, silent } = await askNodes(
    context.cluster.nodes.filter(({ node }) => arrivals.some(({ to }) => to === node.name)),
    (client) => judgeInsert(context, client, arrivals),
  );
  return [...answers.map(({ value }) => value), ...silent];
}

async function judgeInsert(
  { deployment, contract }: ClusterContext,
  client: NodeClient,
  arrivals: readonly Arrival[],
): Promise<Finding> {
  const node = client.node.name;
  const own = arrivals.filter(({ to }) => to === node);
  const users = [...new Set(own.map(({ user }) => user))];
  const tables = localTables(contract);
  const about = {
    subject: 'inserting',
    node,
    expected: `${users.join(', ')} may insert into ${tables.map(({ name }) => name).join(', ')}`,
    sql: ['SELECT * FROM system.grants'],
  };
  if (!(await hasSystemTable(client, 'grants'))) {
    const reason = 'A server of this version does not show rights.';
    return { ...about, status: 'skipped', observed: 'no table system.grants', reason };
  }
  const lacking = await Promise.all(
    users.map(async (user) => {
      const grants = await grantsOf(client, user);
      return tables
        .filter((table) => !mayInsert(grants, databaseOf(deployment, table), table.name))
        .map((table) => `${user} has no INSERT ON ${qualifiedName(deployment, table)}`);
    }),
  );
  const reading = own
    .filter(({ readonly }) => readonly > 0)
    .map(({ from, user, readonly }) => `${user} from ${from} has readonly = ${readonly}`);
  const faults = [...lacking.flat(), ...reading];
  return {
    ...about,
    status: faults.length === 0 ? 'passed' : 'failed',
    observed: faults.join('; ') || 'they may',
    ...(faults.length > 0 && {
      reason: `Inserts through a Distributed table do not reach ${node}: grant the account INSERT there, with a profile that is not readonly.`,
    }),
  };
}
