import { z } from 'zod';
import type { Evidence } from '../verdict.ts';
import type { NodeClient } from './cluster.ts';

const cell = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.unknown().transform((value) => JSON.stringify(value)),
]);

/** A row of any columns, for people to read; nested values become JSON text. */
export const evidenceRow = z.record(z.string(), cell);
export type EvidenceRow = z.infer<typeof evidenceRow>;

/** How many rows are shown as evidence; the statement in the finding gives the rest. */
export const EVIDENCE_ROWS = 10;

/** Rows as evidence; the columns are those of the first row. */
export function evidence(title: string, rows: readonly EvidenceRow[]): Evidence {
  const columns = Object.keys(rows[0] ?? {});
  return { title, columns, rows: rows.map((row) => columns.map((name) => row[name] ?? null)) };
}

/**
 * The first rows that a SELECT gives, as evidence; `settings` is a SETTINGS clause for it.
 * @throws QueryError
 */
export async function firstRows(
  title: string,
  client: NodeClient,
  sql: string,
  settings = '',
): Promise<Evidence> {
  const rows = await client.query(`${sql} LIMIT ${EVIDENCE_ROWS} ${settings}`, evidenceRow);
  return evidence(title, rows);
}
