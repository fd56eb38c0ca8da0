import { ChartToolError, type ChartData, type Deployment } from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { evidence, evidenceRow } from '../clickhouse/evidence.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { asAccount, readerOf } from '../clickhouse/reader.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { bothSides, describeDifference, isSame, type Rows } from './chart-rows.ts';
import { chartTools, type ChartTool, type NamedChart, type ShownChart } from './chart-tools.ts';

const UNKNOWN_TABLE = '60';
const EXPECTED = 'charts that show what ClickHouse answers';

/** Whether those who look at charts see what is in the tables. */
export const bi: ClusterCheck = {
  name: 'bi',
  title: 'The charts of Superset and Metabase show what ClickHouse answers',
  scope: 'cluster',
  proves:
    'Each chart that the deployment names is on its dashboard, shows the table that is named, and ' +
    'what it shows is what ClickHouse answers to the reader for the statement that is named: as people see ' +
    'it, from the cache of Superset or Metabase where it is from there, and as the database gives it. That a ' +
    'browser draws it is not proven. Charts of tables that are not in the contract are not judged.',
  async run(context) {
    const { deployment, secrets } = context;
    const leftOut = withoutTool(deployment);
    const tools = chartTools(deployment, secrets);
    if (tools.length === 0 && leftOut.length === 0) {
      return [
        nothingToJudge(
          context,
          'the platform has no Superset and no Metabase',
          'The deployment names no Superset (`superset`) and no Metabase (`metabase`).',
        ),
      ];
    }
    const judged = tools.map(async ({ secret, tool }): Promise<readonly Finding[]> => {
      if (tool === undefined) {
        const reason = `Put ${secret} into the secrets file.`;
        return [{ status: 'skipped', expected: EXPECTED, observed: 'no password', reason }];
      }
      await using _session = tool;
      // Awaited here: the tool logs out at the end of the block.
      return await judgeTool(context, tool);
    });
    return [...(await Promise.all(judged)).flat(), ...leftOut];
  },
};

/** What a platform of this project goes without although it was asked for it. */
const withoutTool = ({ leftOut = {} }: Deployment): Finding[] => {
  const reason = leftOut['metabase'];
  if (reason === undefined) return [];
  const observed = 'Metabase is left out of the platform';
  return [{ status: 'skipped', subject: 'Metabase', expected: EXPECTED, observed, reason }];
};

/** A platform of this project is in its deployment as a whole; of another it is not known. */
function nothingToJudge({ deployment }: ClusterContext, observed: string, reason: string): Finding {
  if (deployment.runtime !== 'external') return { status: 'passed', expected: EXPECTED, observed };
  return { status: 'skipped', expected: EXPECTED, observed: 'not known', reason };
}

async function judgeTool(context: ClusterContext, tool: ChartTool): Promise<readonly Finding[]> {
  const charts = tool.named.filter((chart) => isOfContract(context, chart));
  if (charts.length === 0) {
    const observed = `no chart of ${tool.name} shows a table of the contract`;
    const reason = `Name charts of its tables (\`${tool.name.toLowerCase()}.charts\`).`;
    return [nothingToJudge(context, observed, reason)];
  }
  const reader = readerOf(context, EXPECTED);
  if ('skipped' in reader) return [reader.skipped];
  const [node] = context.cluster.nodes;
  if (node === undefined) throw new RangeError('a cluster has one node at least');
  const seen = new Map<string, ChartData>();
  return settle(context.contract.replicas.settleSeconds, () =>
    asAccount(node, reader.account, (clickhouse) => look(charts, { tool, clickhouse, seen })),
  );
}

/** Whether a chart shows a table of the contract; of one that shows a statement nobody knows. */
const isOfContract = ({ deployment, contract }: ClusterContext, { table }: NamedChart): boolean =>
  table === undefined ||
  contract.tables.some((one) => `${databaseOf(deployment, one)}.${one.name}` === table);

interface Asked {
  readonly tool: ChartTool;
  /** A node, as the reader. */
  readonly clickhouse: NodeClient;
  /** What people saw of charts before the check had the tool ask again, which changes its cache. */
  readonly seen: Map<string, ChartData>;
}

async function look(charts: readonly NamedChart[], asked: Asked): Promise<Finding[]> {
  const { name: tool, url, dashboard } = asked.tool;
  const about = { subject: `${tool}: dashboard`, expected: `a dashboard ${dashboard} at ${url}` };
  try {
    const found = await asked.tool.charts();
    if (found === undefined) {
      return [{ ...about, status: 'failed', observed: 'there is none', reason: MAKE_AGAIN }];
    }
    return await Promise.all(
      charts.map((named) => {
        const chart = found.find(({ name }) => name === named.name);
        return judge(named, chart, asked);
      }),
    );
  } catch (error) {
    if (!(error instanceof ChartToolError)) throw error;
    const reason = `Look at its log: infra:logs ${tool.toLowerCase()}.`;
    return [{ ...about, status: 'failed', observed: error.message, reason }];
  }
}

const MAKE_AGAIN = 'Make it again: infra:down and infra:up do.';

async function judge(
  { name, table, sql }: NamedChart,
  chart: ShownChart | undefined,
  { tool, clickhouse, seen }: Asked,
): Promise<Finding> {
  const subject = `${tool.name}: ${name}`;
  const about = { subject, expected: 'what ClickHouse answers', sql: [sql] };
  const failed = (
    observed: string,
    reason: string,
    [there, shown]: readonly Rows[] = [],
  ): Finding => ({
    ...{ ...about, status: 'failed', observed, reason },
    ...(there &&
      shown && { evidence: [evidence('What each gives', bothSides(there, shown, tool.name))] }),
  });
  if (chart === undefined) return failed('not on the dashboard', MAKE_AGAIN);
  const instead = table === undefined ? undefined : await chart.insteadOf(table);
  if (instead !== undefined) {
    return failed(`it shows ${instead}, not ${table}`, 'Correct what the chart shows.');
  }
  const there = await askReader(clickhouse, sql);
  if (there instanceof QueryError) {
    const [observed = ''] = there.message.split('\nin: ');
    if (there.code !== UNKNOWN_TABLE) {
      return failed(observed, 'Grant SELECT to the reader, or correct table and statement.');
    }
    const reason = 'The table, or one below it, is not there: table-definition says which.';
    return { ...about, status: 'skipped', observed: 'no such table', reason };
  }
  const shown = await askTool(chart, seen);
  if (shown instanceof Error) {
    const reason = `Look at the chart in ${tool.name}, and at its log: infra:logs ${tool.name.toLowerCase()}.`;
    return failed(shown.message, reason);
  }
  const { first, fresh } = shown;
  if (!isSame(there, fresh.rows)) {
    const asked = fresh.query.trim().replaceAll(/\s+/g, ' ');
    const observed = describeDifference(there, fresh.rows);
    return failed(observed, `Correct the chart: it asks ${asked}`, [there, fresh.rows]);
  }
  if (first.cachedAt !== undefined && !isSame(there, first.rows)) {
    return failed(
      `people saw what was kept at ${first.cachedAt}: ${describeDifference(there, first.rows)}`,
      'This check has had it asked again. Shorten the cache timeout, or refresh charts after a load.',
      [there, first.rows],
    );
  }
  const kept = first.cachedAt === undefined ? '' : `, from the cache of ${first.cachedAt} too`;
  return { ...about, status: 'passed', observed: `the same ${there.length} rows${kept}` };
}

/** What the reader is given, or why the server refuses it. @throws QueryError when it does not answer */
const askReader = (reader: NodeClient, sql: string): Promise<Rows | QueryError> =>
  reader.query(sql, evidenceRow).catch((error: unknown): QueryError => {
    // The server's own code: it answered, and refused.
    if (error instanceof QueryError && /^\d+$/.test(error.code ?? '')) return error;
    throw error;
  });

/** What people see first, and what the database gives; or why the tool gives neither. */
async function askTool(
  chart: ShownChart,
  seen: Asked['seen'],
): Promise<{ readonly first: ChartData; readonly fresh: ChartData } | Error> {
  try {
    const first = seen.get(chart.name) ?? (await chart.data({ force: false }));
    if (first.cachedAt === undefined) return { first, fresh: first };
    seen.set(chart.name, first);
    return { first, fresh: await chart.data({ force: true }) };
  } catch (error) {
    if (error instanceof ChartToolError) return error;
    throw error;
  }
}
