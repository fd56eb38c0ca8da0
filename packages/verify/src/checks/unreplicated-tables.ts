import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { unreplicatedOn, type Unreplicated } from '../clickhouse/unreplicated.ts';
import { SERVER_DATABASES } from '../clickhouse/user-tables.ts';
import {
  fullName,
  readNodeTables,
  type DistributedTable,
  type NodeTables,
} from '../clickhouse/write-paths.ts';
import { plainOnPurpose } from '../contract/plain-tables.ts';
import type { Finding } from '../verdict.ts';

const ROWS_SQL = `SELECT database, table, sum(rows) AS rows FROM system.parts
  WHERE active AND database NOT IN ${SERVER_DATABASES} GROUP BY database, table`;
const rowsRow = z.object({ database: z.string(), table: z.string(), rows: z.coerce.number() });

const EXPECTED = 'tables on several replicas replicate, or are written to every replica';

const REMEDY =
  'Each node answers with rows of its own. Make the table replicated, or write through a Distributed table with internal_replication = false; where nodes are to have rows of their own, say so in the contract, under allow, as an unreplicated-table.';

/** What a node has, and how many rows are in it, by `database.name`. */
interface Holding extends NodeTables {
  readonly rows: ReadonlyMap<string, number>;
}

export const unreplicatedTables: ClusterCheck = {
  name: 'unreplicated-tables',
  title: 'No table on several replicas is without replication',
  scope: 'cluster',
  proves:
    'In every user’s database, each table of the MergeTree family that several replicas of a shard have ' +
    'replicates itself, or is written to every replica by a Distributed table with ' +
    'internal_replication = false, also through a materialized view, or is made on each node by a ' +
    'view that refreshes, or is plain because the contract says so. Who writes to it otherwise is not seen.',
  async run(context) {
    const { cluster, deployment } = context;
    const { answers, silent } = await askNodes(cluster.nodes, async (client): Promise<Holding> => {
      const [tables, rows] = await Promise.all([
        readNodeTables(client, deployment.clickhouse.cluster),
        client.query(ROWS_SQL, rowsRow),
      ]);
      return {
        ...tables,
        rows: new Map(rows.map((row) => [`${row.database}.${row.table}`, row.rows])),
      };
    });
    return [...judge(context, answers), ...silent];
  },
};

function judge(context: ClusterContext, answers: readonly Answer<Holding>[]): Finding[] {
  const shards = Map.groupBy(answers, ({ client }) => client.node.shard);
  if (![...shards.values()].some((replicas) => replicas.length > 1)) {
    const reason = 'No shard has several replicas that could be asked.';
    return [{ status: 'skipped', expected: EXPECTED, observed: 'one replica', reason }];
  }
  const { clickhouse } = context.deployment;
  const plain = unreplicatedOn(
    answers.map(({ node, client, value }) => ({
      ...{ node, shard: client.node.shard, tables: value.tables },
      distributed: value.distributed.map((table) => asStated(clickhouse, table)),
    })),
  );
  const findings = plain.map((table) => finding(context, answers, table));
  const failed = findings.some(({ status }) => status === 'failed');
  const tables = answers.flatMap(({ value }) =>
    value.tables.filter(({ engine }) => engine.endsWith('MergeTree')).map(fullName),
  );
  const explained = findings.filter(({ status }) => status === 'passed').length;
  return [
    ...findings,
    ...(failed
      ? []
      : [
          {
            ...({ status: 'passed', expected: EXPECTED, sql: [ROWS_SQL] } as const),
            observed: `${new Set(tables).size} MergeTree tables, ${explained} of them not replicated for a reason`,
          },
        ]),
  ];
}

/** What the deployment says of its own cluster is taken where a server does not show it. */
const asStated = (
  { cluster, internalReplication }: ClusterContext['deployment']['clickhouse'],
  table: DistributedTable,
): DistributedTable =>
  table.mode === 'not shown' && table.cluster === cluster
    ? { ...table, mode: internalReplication ? 'one replica' : 'every replica' }
    : table;

function finding(
  context: ClusterContext,
  answers: readonly Answer<Holding>[],
  { name, nodes, because, unseen }: Unreplicated,
): Finding {
  const reason = because ?? plainOnPurpose(context, name);
  const held = nodes.map(({ node, shard, table }) => {
    const rows = answers.find((answer) => answer.node === node)?.value.rows;
    return {
      node,
      shard,
      engine: table.engine,
      rows: rows?.get(`${table.database}.${table.name}`) ?? 0,
    };
  });
  const counts = held.map(({ node, rows }) => `${node} ${rows}`).join(', ');
  const engine = held[0]?.engine ?? 'MergeTree';
  const about = {
    subject: name,
    expected: EXPECTED,
    evidence: [evidence(`Rows of ${name} by node`, held)],
    sql: [ROWS_SQL],
  };
  if (reason !== undefined) {
    const observed = `${engine}, because ${reason}; rows: ${counts}`;
    return { ...about, status: 'passed', observed };
  }
  const observed = `${engine}; rows: ${counts}`;
  if (unseen !== undefined) {
    const look = `Servers of this version do not show whether ${unseen} writes to every replica: look for internal_replication in remote_servers.`;
    return { ...about, status: 'skipped', observed, reason: look };
  }
  return { ...about, status: 'failed', observed, reason: REMEDY };
}
