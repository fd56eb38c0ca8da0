import { SupersetClient, SupersetError, type Chart, type ChartData } from '@provehouse/infra';
import type { Deployment } from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { evidence, EVIDENCE_ROWS, evidenceRow, type EvidenceRow } from '../clickhouse/evidence.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { asAccount, readerOf } from '../clickhouse/reader.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

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
    if (found !== undefined) {
      return await Promise.all(charts.map((chart) => judge(chart, found, asked)));
    }
    const reason = 'Import it again: infra:down and infra:up do.';
    return [{ ...about, status: 'failed', observed: 'there is none', reason }];
  } catch (error) {
    if (!(error instanceof SupersetError)) throw error;
    const reason = 'Look at its log: infra:logs superset.';
    return [{ ...about, status: 'failed', observed: error.message, reason }];
  }
}

async function judge(
  { name, table, sql }: NamedChart,
  found: readonly Chart[],
  { superset, clickhouse, seen }: Asked,
): Promise<Finding> {
  const about = { subject: name, expected: 'what ClickHouse answers', sql: [sql] };
  const failed = (observed: string, reason: string, shown?: readonly EvidenceRow[]): Finding => ({
    ...{ ...about, status: 'failed', observed, reason },
    ...(shown && { evidence: [evidence('What each gives', shown)] }),
  });
  const chart = found.find((one) => one.name === name);
  if (chart === undefined) {
    return failed('not on the dashboard', 'Import it again: infra:down and infra:up do.');
  }
  const dataset = await superset.dataset(chart.dataset);
  const source = dataset.sql === null ? `${dataset.schema}.${dataset.table}` : 'a statement';
  if (table !== undefined && source !== table) {
    return failed(`it shows ${source}, not ${table}`, 'Correct the dataset of the chart.');
  }
  const there = await orError(QueryError, clickhouse.query(sql, evidenceRow));
  if (there instanceof QueryError) {
    const [observed = ''] = there.message.split('\nin: ');
    if (there.code !== UNKNOWN_TABLE) {
      return failed(observed, 'Grant SELECT to the reader, or correct table and statement.');
    }
    const reason = 'The table, or one below it, is not there: table-definition says which.';
    return { ...about, status: 'skipped', observed: 'no such table', reason };
  }
  const shown =
    seen.get(chart.id) ??
    (await orError(SupersetError, superset.chartData(chart.id, { force: false })));
  if (!(shown instanceof SupersetError) && shown.cachedAt !== undefined) seen.set(chart.id, shown);
  const fresh =
    shown instanceof SupersetError || shown.cachedAt === undefined
      ? shown
      : await orError(SupersetError, superset.chartData(chart.id, { force: true }));
  if (fresh instanceof SupersetError) {
    return failed(
      fresh.message,
      'Look at the chart in Superset, and at its log: infra:logs superset.',
    );
  }
  if (shown instanceof SupersetError) throw shown;
  if (!isSame(there, fresh.rows)) {
    return failed(
      describeDifference(there, fresh.rows),
      `Correct the chart: it asks ${fresh.query.trim().replaceAll(/\s+/g, ' ')}`,
      bothSides(there, fresh.rows),
    );
  }
  if (shown.cachedAt !== undefined && !isSame(there, shown.rows)) {
    return failed(
      `people saw what was kept at ${shown.cachedAt}: ${describeDifference(there, shown.rows)}`,
      'This check has had it asked again. Shorten the cache timeout, or refresh charts after a load.',
      bothSides(there, shown.rows),
    );
  }
  const kept = shown.cachedAt === undefined ? '' : `, from the cache of ${shown.cachedAt} too`;
  return { ...about, status: 'passed', observed: `the same ${there.length} rows${kept}` };
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What is answered, or the error of that class. @throws any other */
const orError = <Value, Failure extends Error>(
  of: abstract new (...words: never[]) => Failure,
  answer: Promise<Value>,
): Promise<Value | Failure> =>
  answer.catch((error: unknown): Failure => {
    if (error instanceof of) return error;
    throw error;
  });

/** Whether both are the same rows, in whatever order. */
function isSame(left: Rows, right: Rows): boolean {
  const [first, second] = [left, right].map((rows) => rows.map(textOf).sort().join('\n'));
  return first === second;
}

/** Numbers come as numbers from one side and as text from the other, and sums with other last digits. */
const textOf = (row: Rows[number]): string =>
  JSON.stringify(
    Object.entries(row)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([column, value]) => [column, isNumber(value) ? roundOf(Number(value)) : value]),
  );

const roundOf = (value: number): number =>
  Number.isSafeInteger(value) ? value : Number(value.toPrecision(12));

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value));

function describeDifference(there: Rows, shown: Rows): string {
  const known = new Set(there.map(textOf));
  const others = shown.filter((row) => !known.has(textOf(row)));
  const example = others[0] ?? shown[0];
  return (
    `${shown.length} rows where ClickHouse has ${there.length}, ${others.length} of them others` +
    (example === undefined ? '' : `, such as ${JSON.stringify(example)}`)
  );
}

/** The first rows that only one side has. */
function bothSides(there: Rows, shown: Rows): EvidenceRow[] {
  const onlyIn = (by: string, rows: Rows, others: Rows): EvidenceRow[] => {
    const known = new Set(others.map(textOf));
    return rows
      .filter((row) => !known.has(textOf(row)))
      .slice(0, EVIDENCE_ROWS)
      .map((row) => ({ by, row: JSON.stringify(row) }));
  };
  return [...onlyIn('ClickHouse', there, shown), ...onlyIn('Superset', shown, there)];
}
