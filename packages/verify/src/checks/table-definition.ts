import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import {
  columnDifferences,
  columnsOf,
  layoutDifferences,
  type Difference,
  type FoundColumn,
  type WrittenSelect,
} from '../clickhouse/definition-differences.ts';
import { definitionParts, type DefinitionParts } from '../clickhouse/definition-parts.ts';
import { distributedColumnDifferences } from '../clickhouse/distributed-columns.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { statedParts, writtenQuery } from '../clickhouse/stated-definition.ts';
import { keyAndSettingDifferences, partDifferences } from '../clickhouse/stated-differences.ts';
import type { LocalTable, Table, View } from '../contract/contract.ts';
import { definitionAgreement } from '../inventory/definition-agreement.ts';
import type { Finding } from '../verdict.ts';

const tableSchema = z.object({
  engine: z.string(),
  engine_full: z.string(),
  partition_key: z.string(),
  sorting_key: z.string(),
  primary_key: z.string(),
  sampling_key: z.string(),
  create_table_query: z.string(),
});
const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  default_type: z.string(),
  default_expression: z.string(),
});
const askTable = tableQuestion({
  columns: Object.keys(tableSchema.shape).join(', '),
  from: 'system.tables',
  row: tableSchema,
});
const askColumns = tableQuestion({
  columns: 'name, type, default_kind AS default_type, default_expression',
  from: 'system.columns',
  row: columnSchema,
});
const settingSchema = z.object({ name: z.string(), value: z.string() });

interface Definition {
  readonly table: z.infer<typeof tableSchema>;
  readonly columns: readonly FoundColumn[];
  readonly select: WrittenSelect;
  readonly stated: DefinitionParts | 'unknown' | undefined;
  readonly serverSettings: ReadonlyMap<string, string>;
}

export const tableDefinition: ClusterCheck = {
  name: 'table-definition',
  title: 'Tables are defined as the contract says, alike on every node',
  scope: 'cluster',
  proves:
    'On every node each table has the engine, keys and columns of the contract, a Distributed table ' +
    'stands over the right table with the right sharding key; what the contract states besides (primary ' +
    'and sampling key, TTL, settings, indices, constraints, projections, codecs, comments) is so; and ' +
    'apart from macros all nodes have the same definition, what the contract does not name included.',
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
  const database = databaseOf(deployment, named);
  const [table] = await askTable(client, { database, table: named.name });
  if (table === undefined) return undefined;
  const local = named.kind === 'local' ? named : undefined;
  const [columns, select, stated, serverSettings] = await Promise.all([
    askColumns(client, { database, table: named.name }),
    writtenSelect(client, named),
    local && statedParts(client, local),
    settingsOf(client, Object.keys(local?.settings ?? {})),
  ]);
  return { table, columns, select, stated, serverSettings };
}

/** The values that tables have of these settings, unless their definitions say otherwise. */
async function settingsOf(
  client: NodeClient,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const sql = `SELECT name, value FROM system.merge_tree_settings
     WHERE name IN (${names.map(quoteText).join(', ')})`;
  const rows = await client.query(sql, settingSchema);
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** The contract's SELECT as the server writes queries, so that only what it means is compared. */
async function writtenSelect(client: NodeClient, named: Table | View): Promise<WrittenSelect> {
  if (!('select' in named) || named.select === undefined) return undefined;
  return writtenQuery(client, named.select);
}

/** What of the parts that need not be stated is not as the contract says. */
function furtherDifferences(
  local: LocalTable,
  { table, stated, serverSettings }: Definition,
): Difference[] {
  const parts = definitionParts(table.create_table_query);
  return [
    ...keyAndSettingDifferences(local, { ...table, parts, serverSettings }),
    ...(stated === undefined || stated === 'unknown' ? [] : partDifferences(local, stated, parts)),
  ];
}

/** What a server that cannot write queries leaves without a judgement. */
function notCompared(table: Table | View, { select, stated }: Definition): string {
  const what = [
    ...('select' in table && table.select !== undefined && select === undefined
      ? ['the SELECT']
      : []),
    ...(stated === 'unknown'
      ? ['TTL, indices, constraints, projections, codecs and comments']
      : []),
  ];
  return what.length === 0
    ? ''
    : `; this server cannot write queries (formatQuerySingleLine), so that ${what.join(' and ')} of the contract are not compared`;
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
  const count = Object.keys(columns.columns).length;
  const stated = count === 0 ? '' : `${columns.exactColumns ? '' : 'at least '}${count} columns, `;
  const expected = `the table, with ${stated}engine and keys as in the contract`;
  if (definition === undefined) {
    const reason = `Create the table on ${node}${contract.pipeline ? ', or run the pipeline, which does' : ''}.`;
    return { ...about, status: 'failed', expected, observed: 'no such table', reason };
  }
  const differences = [
    ...layoutDifferences(deployment, contract, table, definition.table, definition.select),
    ...(table.kind === 'local' ? furtherDifferences(table, definition) : []),
    ...(table.kind === 'distributed' ? distributedColumnDifferences : columnDifferences)(
      columns,
      definition.columns,
    ),
  ];
  const unread = notCompared(table, definition);
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
