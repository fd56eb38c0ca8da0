import type { Deployment } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import type { Columns } from '../clickhouse/content.ts';
import { hasSystemColumn } from '../clickhouse/dialect.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import { askStoredTable } from '../clickhouse/stored-table.ts';
import { isReplicated } from '../clickhouse/write-paths.ts';
import type { FilledView } from './judged-views.ts';

/** The table that a view fills, as a node has it. */
export interface Target {
  readonly engine: string;
  readonly engineFull: string;
  readonly sortingKey: string;
  readonly partitionKey: string;
  readonly columns: Columns;
}

/** A view as a node has it. */
export interface AskedView {
  /** Its SELECT, in which every table is named with its database. */
  readonly select: string;
  readonly target: Target;
  /** The columns that the SELECT gives. */
  readonly given: Columns;
  /** Whether each row of the SELECT is one of the target. */
  readonly rowByRow: boolean;
}

/** Why nothing can be compared on a node. */
export interface NotComparable {
  readonly observed: string;
  readonly reason: string;
}

const viewRow = z.object({ create_table_query: z.string(), as_select: z.string() });
const targetRow = z.object({
  ...{ engine: z.string(), engine_full: z.string() },
  ...{ sorting_key: z.string(), partition_key: z.string() },
});
// An alias `name` would stand for the column in conditions.
const nameRow = z.object({ full_name: z.string() });
const sourceRow = z.object({
  ...{ full_name: z.string(), engine: z.string() },
  ...{ dependencies_database: z.array(z.string()), dependencies_table: z.array(z.string()) },
});
const columnRow = z.object({ name: z.string(), type: z.string() });
const planRow = z.object({ explain: z.string() });

/** Engines that keep the rows that are inserted. */
const KEEPS_ROWS = /MergeTree$|^(?:Log|TinyLog|StripeLog|Memory)$/;
/** Engines whose rows are fewer after merging, which the view does not see. */
const LOSES_ROWS = /(?:Replacing|Collapsing|Coalescing|Graphite)MergeTree$/;
const REFRESHED = /^CREATE MATERIALIZED VIEW \S+(?: UUID '[^']*')?(?: ON CLUSTER \S+)? REFRESH /;
/** Steps of a plan after which rows are not those that were read. */
const REGROUPS =
  /^\s*(?:Aggregating|MergingAggregated|Rollup|Cube|TotalsHaving|Distinct|Window|Limit|LimitBy|Offset|Sample)\b|trivial count/;

const EQUAL =
  'A rule `equal` of a local table compares any two queries: write what must be equal there.';

/**
 * A view, its source and its target as a node has them, or why they cannot be compared there.
 * @throws QueryError
 */
export async function askFilledView(
  client: NodeClient,
  deployment: Deployment,
  view: FilledView,
  hasPeers: boolean,
): Promise<AskedView | NotComparable> {
  const database = databaseOf(deployment, view);
  const target = targetOf(deployment, view);
  if (!(await hasSystemColumn(client, 'tables', 'as_select'))) {
    return { observed: 'a server that does not show the SELECT of a view', reason: EQUAL };
  }
  const [[found], [filled], sources, others] = await Promise.all([
    client.query(
      `SELECT create_table_query, as_select FROM system.tables
       WHERE ${isTable({ database, name: view.name })} AND engine = 'MaterializedView'`,
      viewRow,
    ),
    client.query(
      `SELECT engine, engine_full, sorting_key, partition_key FROM system.tables
       WHERE ${isTable(target)}`,
      targetRow,
    ),
    client.query(
      `SELECT concat(database, '.', name) AS full_name, engine, dependencies_database, dependencies_table
       FROM system.tables WHERE has(dependencies_table, ${quoteText(view.name)})`,
      sourceRow,
    ),
    client.query(
      `SELECT concat(database, '.', name) AS full_name FROM system.tables
       WHERE engine = 'MaterializedView' AND NOT (${isTable({ database, name: view.name })})
         AND position(create_table_query, ${quoteText(` TO ${target.database}.${target.name} `)}) > 0`,
      nameRow,
    ),
  ]);
  if (found === undefined || filled === undefined) {
    const missing = found === undefined ? `view ${view.name}` : `table ${view.to}`;
    const reason = 'Create it: table-definition says where it is not.';
    return { observed: `no ${missing}`, reason };
  }
  const ofView = sources.filter((source) =>
    source.dependencies_table.some(
      (name, index) => name === view.name && source.dependencies_database[index] === database,
    ),
  );
  const hindrance =
    hindranceOfView(view, found.create_table_query, others) ??
    hindranceOfTables(view.to, filled.engine, ofView, hasPeers);
  if (hindrance !== undefined) return hindrance;
  const [stored, given, plan] = await Promise.all([
    askStoredTable(client, deployment, target),
    client.query(`DESCRIBE TABLE (${found.as_select})`, columnRow),
    client.query(`EXPLAIN ${found.as_select}`, planRow),
  ]);
  return {
    select: found.as_select,
    target: {
      ...{ engine: filled.engine, engineFull: filled.engine_full, columns: stored.columns },
      ...{ sortingKey: filled.sorting_key, partitionKey: filled.partition_key },
    },
    given: Object.fromEntries(given.map(({ name, type }) => [name, type])),
    rowByRow: !plan.some(({ explain }) => REGROUPS.test(explain)),
  };
}

/** The table that a view fills: in the deployment's database unless it is named with another one. */
export function targetOf(
  { clickhouse }: Deployment,
  { to }: FilledView,
): { database: string; name: string } {
  const [first = '', ...rest] = to.split('.');
  return rest.length === 0
    ? { database: clickhouse.database, name: first }
    : { database: first, name: rest.join('.') };
}

const isTable = ({ database, name }: { database: string; name: string }): string =>
  `database = ${quoteText(database)} AND name = ${quoteText(name)}`;

function hindranceOfView(
  view: FilledView,
  definition: string,
  others: readonly z.infer<typeof nameRow>[],
): NotComparable | undefined {
  if (REFRESHED.test(definition)) {
    return { observed: 'a view that is refreshed, not filled as rows come in', reason: EQUAL };
  }
  const [other] = others;
  if (other === undefined || view.where !== undefined) return undefined;
  return {
    observed: `${view.to} is filled by ${other.full_name} as well`,
    reason: 'State under `where` which of its rows are of this view.',
  };
}

function hindranceOfTables(
  to: string,
  engine: string,
  sources: readonly z.infer<typeof sourceRow>[],
  hasPeers: boolean,
): NotComparable | undefined {
  const tables = [{ full_name: to, engine }, ...sources];
  const elsewhere = tables.find((table) => !KEEPS_ROWS.test(table.engine));
  if (elsewhere !== undefined) {
    const observed = `${elsewhere.full_name} is of the engine ${elsewhere.engine}, which keeps no rows on the node`;
    return { observed, reason: EQUAL };
  }
  const shrinking = sources.find((source) => LOSES_ROWS.test(source.engine));
  if (shrinking !== undefined) {
    const observed = `${shrinking.full_name} is of the engine ${shrinking.engine}: the view has taken rows that merging has removed since`;
    return { observed, reason: EQUAL };
  }
  const odd = sources.find((source) => isReplicated(source.engine) !== isReplicated(engine));
  if (odd === undefined || !hasPeers) return undefined;
  return {
    observed: `of ${odd.full_name} (${odd.engine}) and ${to} (${engine}) one replicates`,
    reason:
      'Each replica has what was inserted through itself in one of them, and all rows in the other. Replicate both.',
  };
}
