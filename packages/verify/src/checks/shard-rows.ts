import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import { countRows, countThrough } from '../clickhouse/row-count.ts';
import { shardsOf } from '../clickhouse/shards.ts';
import { stillness } from '../clickhouse/stillness.ts';
import {
  distributedTables,
  localTables,
  type DistributedTable,
  type LocalTable,
} from '../contract/contract.ts';
import { describeBounds, isWithin } from '../contract/row-count.ts';
import { ROWS_BY_NODE } from '../rows-by-node.ts';
import { settle } from '../settle.ts';
import type { Evidence, Finding } from '../verdict.ts';
import { expectedRows } from './expected-rows.ts';

/** The rows of each shard and replica, and whether they add up. */
export const shardRows: ClusterCheck = {
  name: 'shard-rows',
  title: 'Rows of the shards add up to the whole, and replicas have equally many',
  proves:
    'No row is on two shards or on none as far as counts can tell, and no replica has more or fewer rows than the others of its shard. Where the contract states a number of rows, that is their sum.',
  scope: 'cluster',
  run: (context) =>
    settle(
      context.contract.replicas.settleSeconds,
      async () => {
        const distributed = distributedTables(context.contract);
        const looks = localTables(context.contract).map((local) => {
          const over = distributed.filter((pair) => pair.local === local);
          return judge(
            context,
            local,
            over.map(({ table }) => table),
          );
        });
        return (await Promise.all(looks)).flat();
      },
      { stillness: stillness(context) },
    ),
};

async function judge(
  context: ClusterContext,
  local: LocalTable,
  over: readonly DistributedTable[],
): Promise<Finding[]> {
  const { cluster, deployment } = context;
  const locals = await askNodes(cluster.nodes, (client) => countRows(client, deployment, local));
  const rowsOf = new Map(locals.answers.map(({ node, value }) => [node, value.rows]));
  const sql = [...new Set(locals.answers.map(({ value }) => value.sql))];
  const table = `${databaseOf(deployment, local)}.${local.name}`;
  const counts = cluster.nodes.flatMap(({ node: { name, shard, replica } }) => {
    const rows = rowsOf.get(name);
    return rows === undefined ? [] : [{ table, shard, replica, node: name, rows }];
  });
  const shown = [evidence(ROWS_BY_NODE, counts)];
  const shards = shardsOf(cluster).map(({ name }) => {
    const rows = counts.filter(({ shard }) => shard === name);
    return { name, rows, distinct: new Set(rows.map((row) => row.rows)) };
  });
  const findings = shards
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows, distinct }): Finding => {
      const equal = distinct.size === 1;
      return {
        status: equal ? 'passed' : 'failed',
        subject: `${local.name}, shard ${name}`,
        expected: 'as many rows on each replica',
        observed: rows.map((row) => `${row.node}: ${row.rows}`).join(', '),
        ...(!equal && { reason: 'The verdict of replica-content shows rows that differ.' }),
        evidence: shown,
        sql,
      };
    });
  // A shard's rows are those of its fullest replica: what another one lost is a finding above.
  const fullest = shards.map(({ distinct }) => Math.max(0, ...distinct));
  const [entry] = locals.answers;
  const sums =
    entry !== undefined && shards.every(({ rows }) => rows.length > 0)
      ? await judgeSum(context, { local, over, fullest, shown, sql, entry: entry.client })
      : [];
  return [...findings, ...sums, ...locals.silent];
}

/** What the shards of a local table hold. */
interface Shards {
  readonly local: LocalTable;
  /** The Distributed tables over it. */
  readonly over: readonly DistributedTable[];
  /** The rows of each shard's fullest replica. */
  readonly fullest: readonly number[];
  readonly shown: readonly Evidence[];
  readonly sql: readonly string[];
  /** A node that answers. */
  readonly entry: NodeClient;
}

/** Holds the sum of the shards against what is known of the whole. */
async function judgeSum(
  context: ClusterContext,
  { local, over, fullest, shown, sql, entry }: Shards,
): Promise<Finding[]> {
  const { deployment } = context;
  const sum = fullest.reduce((all, rows) => all + rows, 0);
  const added = `${fullest.join(' + ')} = ${sum} rows`;
  const subject = `${local.name}, sum of the shards`;
  const { bounds, unknown } = expectedRows(context, local, ...over);
  if (over.length === 0) {
    if (bounds === undefined) return [...unknown];
    const right = isWithin(bounds, sum);
    return [
      {
        status: right ? 'passed' : 'failed',
        subject,
        expected: `${describeBounds(bounds)} over all shards`,
        observed: added,
        ...(!right && { reason: 'Rows are missing or doubled.' }),
        evidence: shown,
        sql,
      },
    ];
  }
  const looks = over.map(async (distributed): Promise<Finding[]> => {
    const { answers, silent } = await askNodes([entry], (client) =>
      countThrough(client, deployment, local, distributed),
    );
    const found = answers[0]?.value;
    if (found === undefined) return [...silent];
    const total = found.rows;
    const right = sum === total && (bounds === undefined || isWithin(bounds, sum));
    return [
      {
        status: right ? 'passed' : 'failed',
        subject,
        expected: `${bounds ? describeBounds(bounds) : `${total} rows`} over all shards`,
        observed: `${added}; ${total} through ${distributed.name}`,
        ...(!right && {
          reason:
            'Rows are missing, doubled, or in a shard that the Distributed table does not read.',
        }),
        evidence: shown,
        sql: [...sql, found.sql],
      },
    ];
  });
  return [...(await Promise.all(looks)).flat(), ...unknown];
}
