import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';
import { askNodes } from './ask-nodes.ts';
import type { NodeClient } from './cluster.ts';
import { tableQuestion } from './each-table.ts';
import { databaseOf } from './named-table.ts';
import type { StoredTable } from './stored-table.ts';

/** How much of the content of large tables is judged. */
export interface Sampling {
  /** Rows of a table on a node after which no older partition is read. */
  readonly rows: number;
  /** When no further partition is begun, as `performance.now()` has it. */
  readonly until: number;
  /** How it was asked for, such as `--budget 60s`. */
  readonly said: string;
}

/** Some partitions of a table, or a part of a large one. */
export interface Slice {
  /** Names of the partitions; none where it is the whole table. */
  readonly partitions: readonly string[];
  /** Which of how many parts of its one partition, from 1 on; none where it is all of it. */
  readonly part?: { readonly number: number; readonly of: number };
  /** A condition for its rows; none where it is the whole table. */
  readonly where: string | undefined;
  /** How many there are; of a part about as many. */
  readonly rows: number;
}

/** A table of which only a slice is read. */
export function sliceOf(table: StoredTable, { where }: Slice): StoredTable {
  if (where === undefined) return table;
  const columns = Object.keys(table.columns).map(quoteName).join(', ');
  return { ...table, from: `(SELECT ${columns} FROM ${table.from} WHERE ${where})` };
}

/** What people call a slice, unless it is the whole table. */
export const namesOf = ({ partitions, part }: Slice): string[] => {
  const [first] = partitions;
  const last = partitions.at(-1);
  if (first === undefined || last === undefined) return [];
  const of = part === undefined ? '' : `, part ${part.number} of ${part.of}`;
  return [`${first === last ? `partition ${first}` : `partitions ${last} to ${first}`}${of}`];
};

const WHOLE: Slice = { partitions: [], where: undefined, rows: 0 };

/** Smaller tables are read at once, and of larger ones as many partitions together. */
const SLICE_ROWS = 10_000_000;

const partitionRow = z.object({ id: z.string(), name: z.string(), rows: z.coerce.number() });
type Partition = z.infer<typeof partitionRow>;

/**
 * A table of some nodes in slices of whole partitions, newest first: by the times that are in them, else
 * by their names. A large partition is several slices, by the hash of its sorting key, which is the same on
 * every replica, merged or not. Without sampling it is one slice. @throws QueryError of no node, as who does
 * not tell is asked for its rows next
 */
export async function slicesOf(
  deployment: Deployment,
  nodes: readonly NodeClient[],
  local: LocalTable,
  sampling: Sampling | undefined,
): Promise<readonly Slice[]> {
  if (sampling === undefined) return [WHOLE];
  const sql = `SELECT partition_id AS id, any(partition) AS name, sum(rows) AS rows FROM system.parts
    WHERE active AND database = ${quoteText(databaseOf(deployment, local))} AND table = ${quoteText(local.name)}
    GROUP BY id ORDER BY greatest(max(max_date), toDate(max(max_time))) DESC, id DESC`;
  const { answers } = await askNodes(nodes, (client) => client.query(sql, partitionRow));
  // What one replica alone has is as new as where it stands there.
  const partitions = new Map<string, Partition>();
  for (const one of answers.flatMap(({ value }) => value)) {
    const rows = Math.max(one.rows, partitions.get(one.id)?.rows ?? 0);
    partitions.set(one.id, { ...one, rows });
  }
  const rows = Math.min(SLICE_ROWS, sampling.rows);
  const slices = grouped([...partitions.values()], rows);
  if (slices.every((slice) => slice.rows <= rows)) return slices;
  const key = await sortingKeyOf(deployment, nodes, local);
  return slices.flatMap((slice) => (slice.rows <= rows ? [slice] : inParts(slice, key, rows)));
}

const keyRow = z.object({ key: z.string() });
const askKey = tableQuestion({
  columns: 'sorting_key AS key',
  from: 'system.tables',
  row: keyRow,
});

async function sortingKeyOf(
  deployment: Deployment,
  nodes: readonly NodeClient[],
  local: LocalTable,
): Promise<string | undefined> {
  const place = { database: databaseOf(deployment, local), table: local.name };
  const { answers } = await askNodes(nodes, (client) => askKey(client, place));
  const [key, ...others] = new Set(answers.flatMap(({ value }) => value.map((one) => one.key)));
  // Replicas with different keys would have different rows in a part.
  return others.length > 0 || key === '' ? undefined : key;
}

/** A slice in parts of about as many rows, or itself where it has no key to tell them apart. */
export function inParts(slice: Slice, key: string | undefined, rows: number): readonly Slice[] {
  const of = Math.ceil(slice.rows / rows);
  if (key === undefined || of < 2) return [slice];
  return Array.from({ length: of }, (_, index) => ({
    ...slice,
    part: { number: index + 1, of },
    where: [slice.where ?? '1', `ifNull(cityHash64(${key}), 0) % ${of} = ${index}`].join(' AND '),
    rows: Math.round(slice.rows / of),
  }));
}

/** Partitions in their order, so many together that there are `rows` in them, or one alone. */
export function grouped(partitions: readonly Partition[], rows: number): readonly Slice[] {
  const total = partitions.reduce((all, one) => all + one.rows, 0);
  if (total <= rows) return [WHOLE];
  const groups: Partition[][] = [];
  for (const partition of partitions) {
    const last = groups.at(-1);
    const held = last?.reduce((all, one) => all + one.rows, 0) ?? 0;
    if (last === undefined || held + partition.rows > rows) groups.push([partition]);
    else last.push(partition);
  }
  return groups.map((group) => ({
    partitions: group.map(({ name }) => name),
    where: `_partition_id IN (${group.map(({ id }) => quoteText(id)).join(', ')})`,
    rows: group.reduce((all, one) => all + one.rows, 0),
  }));
}

/**
 * Judges slices one after the other, as many as the sampling allows; what is left out makes a finding
 * of its own, so that nobody takes the verdict for one on all rows.
 */
export async function judgeSlices(
  slices: readonly Slice[],
  sampling: Sampling | undefined,
  about: Pick<Finding, 'subject' | 'node'>,
  judge: (slice: Slice) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let read = 0;
  for (const [index, slice] of slices.entries()) {
    const enough = index > 0 && read >= (sampling?.rows ?? Infinity);
    if (enough || performance.now() >= (sampling?.until ?? Infinity)) {
      return [...findings, leftOut(slices.slice(index), slices, sampling, about)];
    }
    findings.push(...(await judge(slice)));
    read += slice.rows;
  }
  return findings;
}

const SHOWN = 3;

function leftOut(
  rest: readonly Slice[],
  all: readonly Slice[],
  sampling: Sampling | undefined,
  about: Pick<Finding, 'subject' | 'node'>,
): Finding {
  const sum = (slices: readonly Slice[]): number =>
    slices.reduce((rows, one) => rows + one.rows, 0);
  const inWhole = rest.every(({ part }) => part === undefined);
  const names = inWhole ? rest.flatMap(({ partitions }) => partitions) : rest.flatMap(namesOf);
  const comma = inWhole ? ', ' : '; ';
  const shown = names.slice(0, SHOWN).join(comma) + (names.length > SHOWN ? `${comma}…` : '');
  const what =
    names.length === 0
      ? 'the whole table'
      : inWhole
        ? `${sum(rest)} of ${sum(all)} rows, in ${names.length} older partitions (${shown})`
        : `about ${sum(rest)} of ${sum(all)} rows, in ${names.length} further parts (${shown})`;
  return {
    ...about,
    status: 'skipped',
    expected: 'all rows',
    observed: `left out: ${what}`,
    reason: `Left out by ${sampling?.said ?? 'a limit'}: ${what}.`,
  };
}

/** The finding instead of a check that needs all rows of a table, where it is too large for the sampling. */
export async function tooLarge(
  deployment: Deployment,
  nodes: readonly NodeClient[],
  local: LocalTable,
  sampling: Sampling | undefined,
): Promise<Finding | undefined> {
  const slices = await slicesOf(deployment, nodes, local, sampling);
  if (sampling === undefined || slices.length <= 1) return undefined;
  return {
    status: 'skipped',
    subject: local.name,
    expected: 'all rows of the table',
    observed: 'a table that is judged in parts',
    reason: `Left out by ${sampling.said}: this needs all rows of the table at once.`,
  };
}
