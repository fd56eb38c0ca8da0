import type { Deployment } from '@provehouse/infra';
import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasFunction } from '../clickhouse/dialect.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import type { DistributedTable, LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/**
 * What a pipeline counted while it made the rows, and not in a database; docs/contract.md has the
 * format. Numbers beyond 2^53 and decimals are texts.
 */
export const generatedSchema = z.looseObject({
  rows: z.number(),
  groups: z.array(z.looseObject({ group: z.string(), rows: z.number(), sum: z.string() })),
  months: z.array(z.looseObject({ month: z.string(), rows: z.number() })).default([]),
  checksums: z.record(z.string(), z.string()).default({}),
});
export type Generated = z.infer<typeof generatedSchema>;

/** What is compared with it. */
export interface GeneratedTarget {
  readonly table: DistributedTable;
  readonly local: LocalTable;
  readonly grouping: NonNullable<LocalTable['statistics']>;
}

const [KEY, ROWS] = [resultName('key'), resultName('rows')];
const groupRow = resultRow({ key: z.string(), rows: z.coerce.number(), sum: z.string() });
const textRow = resultRow({ key: z.string(), rows: z.string() });

/**
 * Compares what was made with what a node has now: rows and sum of the measure by group, rows by month
 * in UTC, and the checksum of each column. All replicas may be wrong alike, which no comparison of
 * nodes shows. @throws QueryError
 */
export async function compareGenerated(
  client: NodeClient,
  deployment: Deployment,
  { table, local, grouping }: GeneratedTarget,
  made: Generated,
): Promise<readonly Finding[]> {
  const from = qualifiedName(deployment, table);
  const groups = `SELECT toString(${quoteName(grouping.groupBy)}) AS ${KEY}, count() AS ${ROWS},
    toString(sum(${quoteName(grouping.measure)})) AS ${resultName('sum')}
    FROM ${from} GROUP BY ${KEY} ORDER BY ${KEY}`;
  const found = await client.query(groups, groupRow);
  return [
    compare(
      `rows by ${grouping.groupBy}`,
      made.groups.map(({ group, rows }) => [group, String(rows)]),
      found.map(({ key, rows }) => [key, String(rows)]),
      groups,
    ),
    compare(
      `sum of ${grouping.measure} by ${grouping.groupBy}`,
      made.groups.map(({ group, sum }) => [group, plain(sum)]),
      found.map(({ key, sum }) => [key, plain(sum)]),
      groups,
    ),
    ...(await compareMonths(client, from, local, made)),
    ...(await compareChecksums(client, from, local, made)),
  ];
}

/** A column of times, if there is one alone: rows by month are those of it. */
async function compareMonths(
  client: NodeClient,
  from: string,
  { columns }: LocalTable,
  { months }: Generated,
): Promise<readonly Finding[]> {
  const times = Object.entries(columns).filter(([, type]) => /^DateTime/.test(type));
  const [time] = times;
  if (months.length === 0 || time === undefined || times.length > 1) return [];
  const [column] = time;
  const sql = `SELECT toString(toYYYYMM(${quoteName(column)}, 'UTC')) AS ${KEY}, toString(count()) AS ${ROWS}
    FROM ${from} GROUP BY ${KEY} ORDER BY ${KEY}`;
  const made = months.map(({ month, rows }) => [month, String(rows)] as const);
  const found = (await client.query(sql, textRow)).map((row) => [row.key, row.rows] as const);
  return [compare(`rows by month of ${column}`, made, found, sql)];
}

/** The checksums are sums over all rows of the first column of the sorting key times the value. */
async function compareChecksums(
  client: NodeClient,
  from: string,
  { columns, orderBy }: LocalTable,
  { checksums }: Generated,
): Promise<readonly Finding[]> {
  const key = orderBy?.split(',')[0]?.trim();
  const named = Object.keys(checksums).filter((name) => columns[name] !== undefined);
  if (key === undefined || columns[key] === undefined || named.length === 0) return [];
  const subject = 'content';
  if (!(await hasFunction(client, "CRC32('')"))) {
    return [
      {
        status: 'skipped',
        subject: `${subject}, as generated`,
        expected: 'the checksums of what was generated',
        observed: 'not asked',
        reason: 'A server of this version has no CRC32.',
      },
    ];
  }
  const sums = named.map(
    (name) =>
      `toString(sum(toUInt64(${quoteName(key)}) * ${checkedValue(name, columns[name] ?? '')})) AS ${resultName(name)}`,
  );
  const sql = `SELECT ${sums.join(', ')} FROM ${from}`;
  const sumRow = resultRow(Object.fromEntries(named.map((name) => [name, z.string()])));
  const [found = {}] = await client.query(sql, sumRow);
  return [
    compare(
      subject,
      named.map((name) => [name, checksums[name] ?? '']),
      named.map((name) => [name, found[name] ?? '']),
      sql,
    ),
  ];
}

/** A value as a whole number: the CRC-32 of a text, a decimal in its last digits, seconds since 1970. */
function checkedValue(name: string, type: string): string {
  const column = quoteName(name);
  if (/^(LowCardinality\()?(Fixed)?String/.test(type)) return `toUInt64(CRC32(${column}))`;
  const scale = /^Decimal(?:\d+)?\((?:\d+,\s*)?(\d+)\)$/.exec(type)?.[1];
  return scale === undefined
    ? `toUInt64(${column})`
    : `toUInt64(${column} * ${10 ** Number(scale)})`;
}

/** A decimal without zeros at its end, of which servers show some or none. */
const plain = (decimal: string): string =>
  decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;

type Pair = readonly [key: string, value: string];

function compare(
  what: string,
  made: readonly Pair[],
  found: readonly Pair[],
  sql: string,
): Finding {
  const [before, now] = [new Map(made), new Map(found)];
  const keys = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  const rows = keys.map((key) => [key, before.get(key) ?? null, now.get(key) ?? null] as const);
  const wrong = rows.filter(([, expected, observed]) => expected !== observed);
  return {
    status: wrong.length === 0 ? 'passed' : 'failed',
    subject: `${what}, as generated`,
    expected: 'what the pipeline counted while it made the rows',
    observed:
      wrong.length === 0
        ? `equal for all ${keys.length}`
        : wrong
            .map(
              ([key, expected, value]) =>
                `${key}: ${expected ?? 'none'} made, ${value ?? 'none'} found`,
            )
            .join('; '),
    ...(wrong.length > 0 && {
      reason:
        'The rows were changed after they were made, on the way or in the tables, and on all replicas alike unless replica-content fails too. Load the table again, and look for mutations (system.mutations).',
    }),
    evidence: [{ title: what, columns: ['of', 'made', 'found'], rows }],
    sql: [sql],
  };
}
