import type { Secrets } from '@provehouse/secrets';
import { createTopology } from '../clickhouse/topology.ts';

/** A chart of the dashboard that a platform brings along, and how ClickHouse is asked for the same. */
export interface DemoChart {
  /** Under which Superset knows it: the same in every platform, so that a later start finds it; others know it by its name. */
  readonly uuid: string;
  readonly name: string;
  /** What the rows are grouped by; all are one group without it. */
  readonly by?: { readonly label: string; readonly expression: string };
  readonly metric: { readonly label: string; readonly expression: string };
  readonly look: 'number' | 'pie' | 'table';
}

/** The table of the demo that all of them show, through which the rows of all shards are read. */
export const DEMO_TABLE = 'hw16_demo_products';

/** Its columns, which Superset cannot look up before a pipeline has made it. */
export const DEMO_COLUMNS = {
  id: 'UInt32',
  name: 'String',
  category: 'String',
  price: 'Decimal(10, 2)',
  created_at: 'DateTime',
} as const;

const rows = { label: 'rows', expression: 'count()' };

export const DEMO_CHARTS: readonly DemoChart[] = [
  {
    uuid: '6b0cdd0a-51c5-4b3c-8a55-6a1d35a30001',
    name: 'Rows',
    metric: rows,
    look: 'number',
  },
  {
    uuid: '6b0cdd0a-51c5-4b3c-8a55-6a1d35a30002',
    name: 'Rows by category',
    by: { label: 'category', expression: 'category' },
    metric: rows,
    look: 'pie',
  },
  {
    uuid: '6b0cdd0a-51c5-4b3c-8a55-6a1d35a30003',
    name: 'Rows by partition',
    by: { label: 'partition', expression: 'toYYYYMM(created_at)' },
    metric: rows,
    look: 'table',
  },
  {
    uuid: '6b0cdd0a-51c5-4b3c-8a55-6a1d35a30004',
    name: 'Rows by shard',
    by: { label: 'shard', expression: '_shard_num' },
    metric: rows,
    look: 'table',
  },
  {
    uuid: '6b0cdd0a-51c5-4b3c-8a55-6a1d35a30005',
    name: 'Price by category',
    by: { label: 'category', expression: 'category' },
    metric: { label: 'price', expression: 'sum(price)' },
    look: 'table',
  },
];

/** The statement whose answer is what the chart shows. */
export const sqlOf = ({ by, metric }: DemoChart, database: string): string =>
  `SELECT ${by === undefined ? '' : `${by.expression} AS ${by.label}, `}${metric.expression} AS ${metric.label} ` +
  `FROM ${database}.${DEMO_TABLE}${by === undefined ? '' : ` GROUP BY ${by.label} ORDER BY ${by.label}`}`;

/** What a deployment says of the charts of a program that shows them. */
export const chartsOfDemo = (
  database: string,
): { readonly name: string; readonly table: string; readonly sql: string }[] =>
  DEMO_CHARTS.map((chart) => ({
    ...{ name: chart.name, table: `${database}.${DEMO_TABLE}`, sql: sqlOf(chart, database) },
  }));

/** A platform, as far as the address of a program that shows charts and the charts follow from it. */
export interface DemoPlan {
  readonly ports: Readonly<Record<string, number>>;
  readonly shards: number;
  readonly replicas: number;
}

/** A server as others find it. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where the charts' rows are and who reads them. */
export interface DemoSource extends Place {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** The demo as the reader finds it at a node. */
export function demoSource(
  plan: DemoPlan,
  { bi_user_name: user, bi_user_password: password }: Secrets,
  node: Place,
): DemoSource {
  return { ...node, database: createTopology(plan).database, user, password };
}
