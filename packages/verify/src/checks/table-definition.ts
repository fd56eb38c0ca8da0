import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteText, type NodeClient } from '../clickhouse/cluster.ts';
import {
  columnDifferences,
  columnsOf,
  layoutDifferences,
  type FoundColumn,
  type WrittenSelect,
} from '../clickhouse/definition-differences.ts';
import { hasFunction } from '../clickhouse/dialect.ts';
import { distributedColumnDifferences } from '../clickhouse/distributed-columns.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import type { Table, View } from '../contract/contract.ts';
import { definitionAgreement } from '../inventory/definition-agreement.ts';
import type { Finding } from '../verdict.ts';

const tableSchema = z.object({
  engine: z.string(),
  engine_full: z.string(),
  partition_key: z.string(),
  sorting_key: z.string(),
  create_table_query: z.string(),
});
const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  default_type: z.string(),
  default_expression: z.string(),
});

/** Source: https://clickhouse.com/docs/sql-reference/functions/other-functions#formatQuerySingleLine */
const FORMATTER = 'formatQuerySingleLine';

interface Definition {
  readonly table: z.infer<typeof tableSchema>;
  readonly columns: readonly FoundColumn[];
  readonly select: WrittenSelect;
}

export const tableDefinition: ClusterCheck = {
  name: 'table-definition',
  title: 'Tables are defined as the contract says, alike on every node',
  scope: 'cluster',
  proves:
    'On every node each table has the engine, keys and columns of the contract, a Distributed table ' +
    'stands over the right table with the right sharding key, and apart from macros all nodes have ' +
    'the same definition, settings and expressions that the contract does not name included.',
  async run(context) {
    const { tables, views } = context.contract;
    const findings = await Promise.all([...tables, ...views].map((table) => judge(context, table)));
    return findings.flat();
  },
};

async function judge(context: ClusterContext, table: Table | View): Promise<Finding[]> {
  const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
    readDefinition(context, client, table),
  );
  const sql = `SHOW CREATE TABLE ${qualifiedName(context.deployment, table)}`;
  const agreement = definitionAgreement(
    context,
    table.kind === 'local' || table.kind === 'distributed' ? 'table' : table.kind,
    `${databaseOf(context.deployment, table)}.${table.name}`,
    answers.flatMap(({ node, value }) =>
      value ? [{ node, definition: value.table.create_table_query }] : [],
    ),
  );
  return [
    ...answers.map(({ node, value }) => judgeNode(context, table, node, value, sql)),
    ...(agreement === undefined
      ? []
      : [{ ...agreement, subject: `${table.name}, nodes against each other`, sql: [sql] }]),
    ...silent,
  ];
}

async function readDefinition(
  { deployment }: ClusterContext,
  client: NodeClient,
  named: Table | View,
): Promise<Definition | undefined> {
  const [table] = await client.query(
    `SELECT engine, engine_full, partition_key, sorting_key, create_table_query FROM system.tables
     WHERE database = ${quoteText(databaseOf(deployment, named))} AND name = ${quoteText(named.name)}`,
    tableSchema,
  );
  if (table === undefined) return undefined;
  const describe = `DESCRIBE TABLE ${qualifiedName(deployment, named)}`;
  const [columns, select] = await Promise.all([
    client.query(describe, columnSchema),
    writtenSelect(client, named),
  ]);
  return { table, columns, select };
}

/** The contract's SELECT as the server writes queries, so that only what it means is compared. */
async function writtenSelect(client: NodeClient, named: Table | View): Promise<WrittenSelect> {
  if (!('select' in named) || named.select === undefined) return undefined;
  if (!(await hasFunction(client, FORMATTER))) return undefined;
  const sql = `SELECT ${FORMATTER}(${quoteText(named.select)}) AS text`;
  return (await client.query(sql, z.object({ text: z.string() })))[0]?.text;
}

function judgeNode(
  { deployment, contract }: ClusterContext,
  table: Table | View,
  node: string,
  definition: Definition | undefined,
  sql: string,
): Finding {
  const about = { subject: table.name, node, sql: [sql] };
  const columns = columnsOf(contract, table);
  const expected = `${columns.exactColumns ? '' : 'at least '}${Object.keys(columns.columns).length} columns, engine and keys as in the contract`;
  if (definition === undefined) {
    const reason = `Create the table on ${node}, or run the pipeline, which does.`;
    return { ...about, status: 'failed', expected, observed: 'no such table', reason };
  }
  const differences = [
    ...layoutDifferences(deployment, contract, table, definition.table, definition.select),
    ...(table.kind === 'distributed' ? distributedColumnDifferences : columnDifferences)(
      columns,
      definition.columns,
    ),
  ];
  const unread =
    'select' in table && table.select !== undefined && definition.select === undefined
      ? '; this server cannot write the SELECT of the contract, so that it is not compared'
      : '';
  const statement = evidence('SHOW CREATE TABLE', [
    { statement: definition.table.create_table_query },
  ]);
  if (differences.length === 0) {
    return {
      ...about,
      status: 'passed',
      expected,
      observed: `the same${unread}`,
      evidence: [statement],
    };
  }
  return {
    ...about,
    status: 'failed',
    expected,
    observed: differences.map((d) => `${d.part}: ${d.observed}, not ${d.expected}`).join('; '),
    reason: `ALTER the table on ${node}, or correct the contract if the change is meant.`,
    evidence: [evidence('Differences from the contract', differences), statement],
  };
}
