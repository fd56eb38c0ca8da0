import { z } from 'zod';
import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import type { ComparedRows } from './compared-rows.ts';
import { valueOf } from './content.ts';
import { evidenceRow, EVIDENCE_ROWS, type EvidenceRow } from './evidence.ts';

const BUCKETS = 1024;
const FOLLOWED = 5;

const bucketRow = resultRow({
  bucket: z.coerce.number(),
  rows: z.coerce.number(),
  content: z.string(),
});

const BUCKET = resultName('bucket');

/** Names that no column has. */
const TIMES = 'row times';
const HASH = 'row hash';

/**
 * The first rows that one node has and another has not, and the other way round. The rows are
 * hashed into buckets, and those of the few buckets that differ into buckets again, so that what
 * comes to the client is bounded whatever the number of rows. @throws QueryError
 */
export async function contentDifference(
  rows: ComparedRows,
  left: NodeClient,
  right: NodeClient,
): Promise<EvidenceRow[]> {
  const { from, columns, hash } = rows;
  const coarse = `${hash} % ${BUCKETS}`;
  const fine = `${hash} % ${BUCKETS ** 2}`;
  const outer = await differingBuckets(rows, coarse, '1', left, right);
  if (outer.length === 0) return [];
  const within = `${coarse} IN (${outer.join(', ')})`;
  const inner = await differingBuckets(rows, fine, within, left, right);
  if (inner.length === 0) return [];
  const shown = Object.entries(columns).map(([name, type]) => {
    const column = quoteName(name);
    return `any(${valueOf(column, type, true)}) AS ${column}`;
  });
  // Not by the columns: values of some types cannot be grouped by.
  const [times, rowHash] = [quoteName(TIMES), quoteName(HASH)];
  const sql = `SELECT ${shown.join(', ')}, count() AS ${times}, ${rowHash}
    FROM (SELECT ${Object.keys(columns).map(quoteName).join(', ')}, toString(${hash}) AS ${rowHash}
      FROM ${from} WHERE ${fine} IN (${inner.join(', ')}))
    GROUP BY ${rowHash} ORDER BY ${rowHash} LIMIT ${BUCKETS}`;
  const [lefts, rights] = await Promise.all(
    [left, right].map((client) => client.query(sql, evidenceRow)),
  );
  return [
    ...only(left, lefts ?? [], rights ?? []),
    ...only(right, rights ?? [], lefts ?? []),
  ].slice(0, EVIDENCE_ROWS);
}

/** A few of the buckets in which two nodes do not hold the same rows. */
async function differingBuckets(
  { from, hash }: ComparedRows,
  bucket: string,
  where: string,
  left: NodeClient,
  right: NodeClient,
): Promise<number[]> {
  const sql = `SELECT ${bucket} AS ${BUCKET}, count() AS ${resultName('rows')},
      toString(sum(${hash})) AS ${resultName('content')}
    FROM ${from} WHERE ${where} GROUP BY ${BUCKET} ORDER BY ${BUCKET}`;
  const sides = await Promise.all([left, right].map((client) => client.query(sql, bucketRow)));
  const [lefts, rights] = sides.map(
    (rows) => new Map(rows.map((row) => [row.bucket, `${row.rows} ${row.content}`])),
  );
  return [...new Set([...(lefts?.keys() ?? []), ...(rights?.keys() ?? [])])]
    .filter((key) => lefts?.get(key) !== rights?.get(key))
    .slice(0, FOLLOWED);
}

/** Rows of one side that the other has not, or has another number of times. */
function only(
  { node }: NodeClient,
  rows: readonly EvidenceRow[],
  others: readonly EvidenceRow[],
): EvidenceRow[] {
  const key = (row: EvidenceRow): string => `${String(row[HASH])} ${String(row[TIMES])}`;
  const known = new Set(others.map(key));
  return rows
    .filter((row) => !known.has(key(row)))
    .map(({ [HASH]: _hash, [TIMES]: times, ...row }) => ({
      'found on': node.name,
      times: times ?? 1,
      ...row,
    }));
}
