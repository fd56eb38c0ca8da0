import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { shardsOf } from '../clickhouse/shards.ts';
import { distributedTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const countRow = z.object({ rows: z.coerce.number() });

/** The rows of each shard and replica, and whether they add up. */
export const shardRows: ClusterCheck = {
  name: 'shard-rows',
  title: 'Rows of the shards add up to the whole, and replicas have equally many',
  proves:
    'No row is on two shards or on none as far as counts can tell, and no replica has more or fewer rows than the others of its shard.',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = distributedTables(context.contract);
      return (
        await Promise.all(tables.map(({ table, local }) => judge(context, table.name, local)))
      ).flat();
    }),
};

async function judge(
  context: ClusterContext,
  distributed: string,
  local: LocalTable,
): Promise<Finding[]> {
  const { cluster, deployment, expectedRows } = context;
  const localSql = `SELECT count() AS rows FROM ${tableName(deployment, local.name)}`;
  const totalSql = `SELECT count() AS rows FROM ${tableName(deployment, distributed)}`;
  const sql = [localSql, totalSql];
  const [locals, totals] = await Promise.all([
    askNodes(cluster.nodes, (client) => client.query(localSql, countRow)),
    askNodes(cluster.nodes.slice(0, 1), (client) => client.query(totalSql, countRow)),
  ]);
  const rowsOf = new Map(locals.answers.map(({ node, value }) => [node, value[0]?.rows ?? 0]));
  const counts = cluster.nodes.flatMap(({ node: { name, shard, replica } }) => {
    const rows = rowsOf.get(name);
    return rows === undefined ? [] : [{ shard, replica, node: name, rows }];
  });
  const shown = [evidence('Rows by shard and replica', counts)];
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
        sql: [localSql],
      };
    });
  // A shard's rows are those of its fullest replica: what another one lost is a finding above.
  const sum = shards.reduce((all, { distinct }) => all + Math.max(0, ...distinct), 0);
  const total = totals.answers[0]?.value[0]?.rows;
  const complete = shards.every(({ rows }) => rows.length > 0);
  if (total !== undefined && complete) {
    const right = sum === total && sum === (expectedRows ?? total);
    findings.push({
      status: right ? 'passed' : 'failed',
      subject: `${local.name}, sum of the shards`,
      expected: `${expectedRows ?? total} rows over all shards`,
      observed: `${shards.map(({ distinct }) => Math.max(0, ...distinct)).join(' + ')} = ${sum} rows; ${total} through the Distributed table`,
      ...(!right && {
        reason:
          'Rows are missing, doubled, or in a shard that the Distributed table does not read.',
      }),
      evidence: shown,
      sql,
    });
  }
  return [...findings, ...locals.silent, ...totals.silent];
}
