import { z } from 'zod';
import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import type { PlatformCheck, PlatformContext } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import { distributedTables, type DistributedTable, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { compareGenerated, generatedSchema, type Generated } from './generated-rows.ts';
import { NO_PIPELINE } from './no-pipeline.ts';

/** Rows by category, node or partition. */
type Counts = ReadonlyMap<string, number>;
interface Target {
  readonly table: DistributedTable;
  readonly local: LocalTable;
  readonly grouping: NonNullable<LocalTable['statistics']>;
}

const [KEY, ROWS] = [resultName('key'), resultName('rows')];
const countSchema = resultRow({ key: z.string(), rows: z.coerce.number() });

/** What the pipeline says it loaded is what ClickHouse has. */
export const reconciliation: PlatformCheck = {
  name: 'reconciliation',
  critical: true,
  title: 'ClickHouse has what the pipeline says it loaded',
  scope: 'platform',
  proves:
    'The statistics that the run returned (total, rows by category, node and partition) are what ' +
    'ClickHouse answers now, and the run loaded the rows that it was asked for. What the pipeline ' +
    'counted while it made the rows (sums by category, rows by month, a checksum of each column) is ' +
    'what ClickHouse has now, so that rows which all replicas have wrong alike show; a pipeline that ' +
    'counts nothing of the kind is compared with its answer after the load alone.',
  async run(context) {
    const { contract, run } = context;
    const { pipeline } = contract;
    if (pipeline === undefined) return [NO_PIPELINE];
    const described = distributedTables(contract).flatMap(({ table, local }) =>
      local.statistics === undefined ? [] : [{ table, local, grouping: local.statistics }],
    );
    const [target, ...others] = described;
    if (target === undefined || others.length > 0) {
      return [
        {
          status: 'skipped',
          expected: 'one Distributed table over a local table with statistics',
          observed: String(described.length),
          reason: 'The contract does not say which table the statistics are about.',
        },
      ];
    }
    const fields = pipeline.statistics;
    const schema = statisticsSchema(fields, target.grouping.groupBy);
    const said = schema.safeParse(run.statistics);
    if (!said.success) {
      return [
        {
          status: 'failed',
          subject: fields.task,
          expected: 'statistics of what was loaded, as the contract describes them',
          observed: run.statistics === undefined ? 'none' : z.prettifyError(said.error),
          reason: 'Without them nothing can be reconciled: look at the log of the task.',
        },
      ];
    }
    return compareAll(context, target, said.data);
  },
};

type Pipeline = NonNullable<PlatformContext['contract']['pipeline']>;

interface Loaded {
  /** Rows that the run was asked for, as it says. */
  readonly rows: number;
  readonly total: number;
  readonly categories: Counts;
  readonly nodes: Counts;
  readonly partitions: Counts;
  readonly generated: Generated | undefined;
}

function statisticsSchema(fields: Pipeline['statistics'], category: string): z.ZodType<Loaded> {
  const counts = (key: string): z.ZodType<Counts> =>
    z
      .array(z.looseObject({ rows: z.number() }))
      .transform((entries) => new Map(entries.map((entry) => [String(entry[key]), entry.rows])));
  return z
    .record(z.string(), z.unknown())
    .transform((statistics) => ({
      rows: statistics[fields.rows],
      total: statistics[fields.total],
      categories: statistics[fields.categories],
      nodes: statistics[fields.nodes],
      partitions: statistics[fields.partitions],
      generated: fields.generated === undefined ? undefined : statistics[fields.generated],
    }))
    .pipe(
      z.object({
        rows: z.number(),
        total: z.number(),
        categories: counts(category),
        nodes: counts('node'),
        partitions: counts('partition'),
        generated: fields.generated === undefined ? z.undefined() : generatedSchema,
      }),
    );
}

async function compareAll(
  { cluster, deployment, expectedRows, contract }: PlatformContext,
  target: Target,
  said: Loaded,
): Promise<readonly Finding[]> {
  const { table, local, grouping } = target;
  const [first] = cluster.nodes;
  if (first === undefined) throw new RangeError('the cluster has no nodes');
  const distributed = qualifiedName(deployment, table);
  const grouped = (expression: string): string =>
    `SELECT toString(${expression}) AS ${KEY}, count() AS ${ROWS} FROM ${distributed} GROUP BY ${KEY} ORDER BY ${KEY}`;
  const category = grouped(quoteName(grouping.groupBy));
  const month = local.partitionBy === undefined ? undefined : grouped(local.partitionBy);
  const own = `SELECT '' AS ${KEY}, count() AS ${ROWS} FROM ${qualifiedName(deployment, local)}`;
  return settle(contract.replicas.settleSeconds, async () => {
    const [categories, partitions, nodes] = await Promise.all([
      countsOf(first, category),
      month === undefined ? undefined : countsOf(first, month),
      Promise.all(
        cluster.nodes.map(
          async (node) => [node.node.name, (await countsOf(node, own)).get('') ?? 0] as const,
        ),
      ),
    ]);
    const total = [...categories.values()].reduce((sum, rows) => sum + rows, 0);
    return [
      ...(expectedRows === undefined ? [] : [equal('rows asked for', expectedRows, said.rows)]),
      { ...equal('total', said.total, total), sql: [category] },
      compare(grouping.groupBy, said.categories, categories, category),
      compare('node', said.nodes, new Map(nodes), own),
      ...(partitions === undefined || month === undefined
        ? []
        : [compare('partition', said.partitions, partitions, month)]),
      ...(said.generated === undefined
        ? []
        : await compareGenerated(first, deployment, target, said.generated)),
    ];
  });
}

async function countsOf(node: NodeClient, sql: string): Promise<Counts> {
  const rows = await node.query(sql, countSchema);
  return new Map(rows.map((row) => [row.key, row.rows]));
}

const equal = (subject: string, expected: number, observed: number): Finding => ({
  status: expected === observed ? 'passed' : 'failed',
  subject,
  expected: `${expected} rows`,
  observed: `${observed} rows`,
});

function compare(name: string, said: Counts, found: Counts, sql: string): Finding {
  const keys = [...new Set([...said.keys(), ...found.keys()])].toSorted();
  const rows = keys.map((key) => [key, said.get(key) ?? null, found.get(key) ?? null] as const);
  const wrong = rows.filter(([, before, now]) => before !== now);
  const shown = wrong.map(
    ([key, before, now]) => `${key}: ${before ?? 'none'} said, ${now ?? 'none'} found`,
  );
  return {
    status: wrong.length === 0 ? 'passed' : 'failed',
    subject: `rows by ${name}`,
    expected: 'the rows that the pipeline says it loaded',
    observed: wrong.length === 0 ? `equal for all ${keys.length}` : shown.join('; '),
    evidence: [
      { title: `Rows by ${name}`, columns: [name, 'pipeline says', 'ClickHouse has'], rows },
    ],
    sql: [sql],
  };
}
