import { parseContract } from '../src/contract/read-contract.ts';
import type { ClusterContext } from '../src/check.ts';
import { runCheck } from '../src/check-run.ts';
import { materializedViews } from '../src/checks/materialized-views.ts';
import type { Finding } from '../src/verdict.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';

/** A source `sales.orders`, a table `sums.target`, and a view `sums.view` that fills it, on every node. */
export interface FilledTable {
  /** Columns, engine and keys of the target. */
  readonly target: string;
  readonly select: string;
  /** What the contract says besides, as YAML. */
  readonly says?: string;
  /** Engine and keys of the source. */
  readonly source?: string;
  /** What is inserted into the source. */
  readonly rows?: readonly string[];
}

/** A cluster whose nodes have views that fill tables, for tests that damage them. */
export interface FilledViewCluster extends AsyncDisposable {
  readonly own: TestCluster;
  /** Makes source, target and view again, and puts rows in, in two inserts; the target merges nothing. */
  make(table: FilledTable): Promise<void>;
  /** Runs statements on a node whose target merges from then on. */
  damage(node: string, ...statements: string[]): Promise<void>;
  on(node: string, ...statements: string[]): Promise<void>;
  everywhere(...statements: string[]): Promise<void>;
  /** What the check is given of a table. */
  contextOf(table: FilledTable, settleSeconds?: number): ClusterContext;
  look(table: FilledTable): Promise<readonly Finding[]>;
  /** What the nodes have in common of what was observed. */
  said(table: FilledTable): Promise<string[]>;
  /** The findings that did not pass. */
  failures(table: FilledTable): Promise<Finding[]>;
}

const COLUMNS =
  'day Date, id UInt64, customer UInt64, kind Nullable(String), price Float64, amount Decimal(12, 2)';

/** Rows of `days` days, `perDay` a day, with prices whose sums depend on their order in the last digits. */
export const orders = (days: number, perDay: number): string =>
  `SELECT toDate('2026-06-01') + number % ${days} AS day, number AS id, number % 97 AS customer,
     if(number % 5 = 0, NULL, toString(number % 3)) AS kind, number / 7 - 20 AS price,
     toDecimal64(number % 1000, 2) AS amount
   FROM numbers(${days * perDay})`;

/** Every kind of column that holds states or merges by itself. */
export const STATES: FilledTable = {
  target: `(day Date, customers AggregateFunction(uniq, UInt64), mean AggregateFunction(avg, Float64),
    levels AggregateFunction(quantilesExact(0.5, 0.9), Float64), big AggregateFunction(sumIf, Decimal(12, 2), UInt8),
    total SimpleAggregateFunction(sum, Decimal(38, 2)), dearest SimpleAggregateFunction(max, Float64),
    kinds SimpleAggregateFunction(groupUniqArrayArray, Array(String)))
    ENGINE = AggregatingMergeTree ORDER BY day`,
  select: `SELECT day, uniqState(customer) AS customers, avgState(price) AS mean,
    quantilesExactState(0.5, 0.9)(price) AS levels, sumIfState(amount, amount > 100) AS big,
    sum(amount) AS total, max(price) AS dearest, groupUniqArray(ifNull(kind, '')) AS kinds
    FROM sales.orders GROUP BY day`,
};
/** Sums by a key of which NULL is a value. */
export const SUMS: FilledTable = {
  target: `(day Date, kind Nullable(String), n UInt64, price Float64, amount Decimal(18, 2))
    ENGINE = SummingMergeTree ORDER BY (day, kind) SETTINGS allow_nullable_key = 1`,
  select:
    'SELECT day, kind, count() AS n, sum(price) AS price, sum(amount) AS amount FROM sales.orders GROUP BY day, kind',
  says: 'bucket: [toMonday(day), kind]',
};
/** Rows that are copied, into narrower types and with a column of their own. */
export const COPIES: FilledTable = {
  target: `(day Date, id UInt32, price Float32, loaded DateTime64(3), note String DEFAULT 'x')
    ENGINE = MergeTree ORDER BY id`,
  select: 'SELECT day, id, price, now64(3) AS loaded FROM sales.orders WHERE price > 0',
  says: 'bucket: day\n    aggregates: { loaded: none }',
};

/** Starts a cluster of 2 × 2 nodes that do not replicate. */
export async function startFilledViewCluster(): Promise<FilledViewCluster> {
  const own = await startTestCluster();
  const on = async (node: string, ...statements: string[]): Promise<void> => {
    for (const sql of statements) await own.cluster.node(node).command(sql);
  };
  const everywhere = async (...statements: string[]): Promise<void> => {
    await Promise.all(own.cluster.nodes.map(({ node }) => on(node.name, ...statements)));
  };
  const contextOf = (table: FilledTable, settleSeconds = 0): ClusterContext => ({
    ...own.context(),
    contract: parseContract(contractOf(table, settleSeconds), 'views.yaml'),
  });
  const look = async (table: FilledTable) =>
    (await runCheck(materializedViews, contextOf(table))).findings;
  await everywhere('CREATE DATABASE sales', 'CREATE DATABASE sums');
  return {
    ...{ own, on, everywhere, contextOf, look },
    make: (table) => everywhere(...statementsOf(table)),
    damage: (node, ...statements) => on(node, 'SYSTEM START MERGES sums.target', ...statements),
    said: async (table) => [
      ...new Set((await look(table)).map(({ status, observed }) => `${status}: ${observed}`)),
    ],
    failures: async (table) => (await look(table)).filter(({ status }) => status !== 'passed'),
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}

const statementsOf = ({
  target,
  select,
  source = 'MergeTree ORDER BY id',
  rows = [orders(10, 30), orders(10, 40)],
}: FilledTable): string[] => [
  'DROP TABLE IF EXISTS sums.view',
  'DROP TABLE IF EXISTS sums.other',
  'DROP TABLE IF EXISTS sums.target SYNC',
  'DROP TABLE IF EXISTS sales.orders SYNC',
  `CREATE TABLE sales.orders (${COLUMNS}) ENGINE = ${source}`,
  `CREATE TABLE sums.target ${target}`,
  ...(target.includes('MergeTree') ? ['SYSTEM STOP MERGES sums.target'] : []),
  `CREATE MATERIALIZED VIEW sums.view TO sums.target AS ${select}`,
  ...rows.map((some) => `INSERT INTO sales.orders ${some}`),
];

const contractOf = (
  { select, says = 'bucket: day' }: FilledTable,
  settleSeconds: number,
): string => `version: 2
tables:
  - name: view
    database: sums
    kind: materialized-view
    to: sums.target
    select: ${JSON.stringify(select)}
    ${says}
replicas: { settleSeconds: ${settleSeconds} }`;
