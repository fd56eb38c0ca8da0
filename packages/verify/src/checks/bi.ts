import {
  SupersetClient,
  SupersetError,
  type Chart,
  type ChartData,
  type Dataset,
  type Deployment,
} from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { evidence, evidenceRow } from '../clickhouse/evidence.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { asAccount, readerOf } from '../clickhouse/reader.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { bothSides, describeDifference, isSame, type Rows } from './chart-rows.ts';

type Superset = NonNullable<Deployment['superset']>;
type NamedChart = Superset['charts'][number];

const UNKNOWN_TABLE = '60';
const EXPECTED = 'charts that show what ClickHouse answers';

/** Whether those who look at charts see what is in the tables. */
export const bi: ClusterCheck = {
  name: 'bi',
  title: 'The charts of Superset show what ClickHouse answers',
  scope: 'cluster',
  proves:
    'Each chart that the deployment names is on its dashboard, its dataset is the table that is named, and ' +
    'what it shows is what ClickHouse answers to the reader for the statement that is named: as people see ' +
    'it, from the cache of Superset where it is from there, and as the database gives it. That a browser ' +
    'draws it is not proven. Charts of tables that are not in the contract are not judged.',
  async run(context) {
    const { deployment, secrets, contract } = context;
    const own = deployment.runtime !== 'external';
    const { superset } = deployment;
    if (superset === undefined) {
      return [
        nothingToJudge(
          own,
          'the platform has no Superset',
          'The deployment names no Superset (`superset`).',
        ),
      ];
    }
    const charts = superset.charts.filter((chart) => isOfContract(context, chart));
    if (charts.length === 0) {
      const observed = 'no chart shows a table of the contract';
      return [nothingToJudge(own, observed, 'Name charts of its tables (`superset.charts`).')];
    }
    const password = secrets['superset_admin_password'];
    if (password === undefined) {
      const reason = 'Put superset_admin_password into the secrets file.';
      return [{ status: 'skipped', expected: EXPECTED, observed: 'no password', reason }];
    }
    const reader = readerOf(context, EXPECTED);
    if ('skipped' in reader) return [reader.skipped];
    const [node] = context.cluster.nodes;
    if (node === undefined) throw new RangeError('a cluster has one node at least');
    const client = new SupersetClient(superset.url, { username: superset.user, password });
    const seen = new Map<number, ChartData>();
    return settle(contract.replicas.settleSeconds, () =>
      asAccount(node, reader.account, (clickhouse) =>
        look(superset, charts, { superset: client, clickhouse, seen }),
      ),
    );
  },
};

/** A platform of this project is in its deployment as a whole; of another it is not known. */
function nothingToJudge(own: boolean, observed: string, reason: string): Finding {
  if (own) return { status: 'passed', expected: EXPECTED, observed };
  return { status: 'skipped', expected: EXPECTED, observed: 'not known', reason };
}

/** Whether a chart shows a table of the contract; of one that shows a statement nobody knows. */
const isOfContract = ({ deployment, contract }: ClusterContext, { table }: NamedChart): boolean =>
  table === undefined ||
  contract.tables.some((one) => `${databaseOf(deployment, one)}.${one.name}` === table);

interface Asked {
  readonly superset: SupersetClient;
  /** A node, as the reader. */
  readonly clickhouse: NodeClient;
  /** What people saw of charts before the check had Superset ask again, which changes its cache. */
  readonly seen: Map<number, ChartData>;
}

async function look(
  { url, dashboard }: Superset,
  charts: readonly NamedChart[],
  asked: Asked,
): Promise<Finding[]> {
  const about = { subject: 'dashboard', expected: `a dashboard ${dashboard} at ${url}` };
  try {
    const found = await asked.superset.charts(dashboard);
    if (found === undefined) {
      return [{ ...about, status: 'failed', observed: 'there is none', reason: IMPORT }];
    }
    const pairs = charts.map(
      (named) => [named, found.find(({ name }) => name === named.name)] as const,
    );
    const datasets = await datasetsOf(
      asked.superset,
      pairs.flatMap(([, chart]) => chart ?? []),
    );
    return await Promise.all(
      pairs.map(([named, chart]) => judge(named, chart, datasets.get(chart?.dataset), asked)),
    );
  } catch (error) {
    if (!(error instanceof SupersetError)) throw error;
    const reason = 'Look at its log: infra:logs superset.';
    return [{ ...about, status: 'failed', observed: error.message, reason }];
  }
}

const IMPORT = 'Import it again: infra:down and infra:up do.';

/** The datasets of charts by their ids; several may show the same. */
async function datasetsOf(
  superset: SupersetClient,
  charts: readonly Chart[],
): Promise<ReadonlyMap<number | undefined, Dataset>> {
  const ids = [...new Set(charts.map(({ dataset }) => dataset))];
  return new Map(
    await Promise.all(ids.map(async (id) => [id, await superset.dataset(id)] as const)),
  );
}

async function judge(
  { name, table, sql }: NamedChart,
  chart: Chart | undefined,
  dataset: Dataset | undefined,
  { superset, clickhouse, seen }: Asked,
): Promise<Finding> {
  const about = { subject: name, expected: 'what ClickHouse answers', sql: [sql] };
  const failed = (
    observed: string,
    reason: string,
    [there, shown]: readonly Rows[] = [],
  ): Finding => ({
    ...{ ...about, status: 'failed', observed, reason },
    ...(there && shown && { evidence: [evidence('What each gives', bothSides(there, shown))] }),
  });
  if (chart === undefined || dataset === undefined) return failed('not on the dashboard', IMPORT);
  const source = dataset.sql === null ? `${dataset.schema}.${dataset.table}` : 'a statement';
  if (table !== undefined && source !== table) {
    return failed(`it shows ${source}, not ${table}`, 'Correct the dataset of the chart.');
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
  const shown = await askSuperset(superset, chart, seen);
  if (shown instanceof SupersetError) {
    const reason = 'Look at the chart in Superset, and at its log: infra:logs superset.';
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

/** What people see first, and what the database gives; or why Superset gives neither. */
async function askSuperset(
  superset: SupersetClient,
  { id }: Chart,
  seen: Asked['seen'],
): Promise<{ readonly first: ChartData; readonly fresh: ChartData } | SupersetError> {
  try {
    const first = seen.get(id) ?? (await superset.chartData(id, { force: false }));
    if (first.cachedAt === undefined) return { first, fresh: first };
    seen.set(id, first);
    return { first, fresh: await superset.chartData(id, { force: true }) };
  } catch (error) {
    if (error instanceof SupersetError) return error;
    throw error;
  }
}
