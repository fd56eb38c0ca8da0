import { z } from 'zod';
import { quoteText, resultName, resultRow } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { canonicalExpression } from '../clickhouse/definition-text.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { WITHOUT_PROJECTIONS } from '../clickhouse/row-settings.ts';
import { askSettings, settingsClause } from '../clickhouse/settings.ts';
import { tooLarge } from '../clickhouse/slices.ts';
import { stillness } from '../clickhouse/stillness.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** The one partition of a table whose key is empty, and that of NULL, as `system.parts` names them. */
const WHOLE = 'tuple()';
const NULL = 'ᴺᵁᴸᴸ';

const PARTITION = resultName('partition');
const partitionRow = resultRow({
  partition: z
    .string()
    .nullable()
    .transform((value) => value ?? NULL),
  rows: z.coerce.number(),
});

const askParts = tableQuestion({
  ...{ columns: 'partition, sum(rows) AS rows', from: 'system.parts' },
  ...{ where: 'active', group: 'partition', row: partitionRow },
});

/** Whether the parts on disk are partitioned as the rows in them say. */
export const partitions: ClusterCheck = {
  name: 'partitions',
  title: 'Rows by partition are the same in the data and in the parts',
  proves:
    'Dropping or moving a partition takes exactly the rows that the partition key names: on every node the active parts of each partition hold as many rows as the key, computed from the data, gives.',
  scope: 'cluster',
  run: (context) =>
    settle(
      context.contract.replicas.settleSeconds,
      async () => {
        const tables = localTables(context.contract);
        return (await Promise.all(tables.map((table) => judge(context, table)))).flat();
      },
      { stillness: stillness(context) },
    ),
};

async function judge(context: ClusterContext, local: LocalTable): Promise<readonly Finding[]> {
  const { partitionBy } = local;
  if (partitionBy === undefined) {
    return [
      {
        status: 'skipped',
        subject: local.name,
        expected: 'rows by partition as the partition key says',
        observed: 'no partition key in the contract',
        reason: 'The table is not partitioned.',
      },
    ];
  }
  const { cluster, deployment, sampling } = context;
  const large = await tooLarge(deployment, cluster.nodes, local, sampling);
  if (large !== undefined) return [large];
  const { answers, silent } = await askNodes(cluster.nodes, (client) =>
    judgeNode(context, client, local, partitionBy),
  );
  return [...answers.map(({ value }) => value), ...silent];
}

async function judgeNode(
  { deployment }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
  partitionBy: string,
): Promise<Finding> {
  const { settable, refused } = await askSettings(client, WITHOUT_PROJECTIONS);
  const key = canonicalExpression(partitionBy) === '' ? `'${WHOLE}'` : `toString(${partitionBy})`;
  // In the statement although the client sets it already: others would read the parts again.
  const dataSql = `SELECT ${key} AS ${PARTITION}, count() AS ${resultName('rows')}
    FROM ${qualifiedName(deployment, local)} GROUP BY ${PARTITION} ORDER BY ${PARTITION}
    ${settingsClause(settable)}`;
  const database = databaseOf(deployment, local);
  const partsSql = `SELECT partition, sum(rows) AS rows FROM system.parts
    WHERE active AND database = ${quoteText(database)} AND table = ${quoteText(local.name)}
    GROUP BY partition HAVING rows > 0 ORDER BY partition`;
  const [data, parts] = await Promise.all([
    client.query(dataSql, partitionRow),
    askParts(client, { database, table: local.name }),
  ]);
  const dataRows = new Map(data.map(({ partition, rows }) => [partition, rows]));
  // A part without rows is not removed at once.
  const filled = parts.filter(({ rows }) => rows > 0);
  const partRows = new Map(filled.map(({ partition, rows }) => [partition, rows]));
  const compared = [...new Set([...dataRows.keys(), ...partRows.keys()])]
    .sort()
    .map((partition) => ({
      partition,
      'rows by the key': dataRows.get(partition) ?? 0,
      'rows in parts': partRows.get(partition) ?? 0,
    }));
  const wrong = compared.filter((row) => row['rows by the key'] !== row['rows in parts']);
  const about = {
    subject: local.name,
    node: client.node.name,
    expected: `in the parts of each partition as many rows as ${partitionBy} gives`,
    sql: [dataSql, partsSql],
  };
  if (wrong.length === 0 && refused.length > 0) {
    return {
      ...about,
      status: 'skipped',
      observed: `the account may not set ${refused.join(', ')}`,
      reason:
        'The server answers from the parts themselves, so that they would be compared with themselves. Ask under an account that may change settings (readonly = 0 or 2).',
    };
  }
  return {
    ...about,
    status: wrong.length === 0 ? 'passed' : 'failed',
    observed:
      wrong.length === 0
        ? `equal in ${compared.length} partitions`
        : `different in ${wrong.length} of ${compared.length} partitions: ${wrong
            .slice(0, 3)
            .map(
              (row) =>
                `${row.partition} has ${row['rows by the key']} by the key, ${row['rows in parts']} in parts`,
            )
            .join('; ')}`,
    ...(wrong.length > 0 && {
      reason:
        'The table is partitioned by something else, the time zone has changed since the rows were written, or rows were deleted lightly and their parts are not merged yet.',
    }),
    evidence: [
      evidence(`Rows by partition on ${client.node.name}`, wrong.length > 0 ? wrong : compared),
    ],
  };
}
