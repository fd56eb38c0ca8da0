import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { askedTogether, type Asked } from './asked-together.ts';

/** What is asked of a system table that has rows of every table. */
export interface TableQuestion<Row> {
  /** The columns, as after SELECT. */
  readonly columns: string;
  readonly from: `system.${string}`;
  /** A condition that all rows meet. */
  readonly where?: string;
  /** By which columns the rows of a table are grouped; by none where it is empty, which is a row a table. */
  readonly group?: string;
  /** What stands after ORDER BY. */
  readonly order?: string;
  /** How many rows of a table are wanted at most. */
  readonly limit?: number;
  readonly row: z.ZodType<Row>;
}

/** A table of a node. */
export interface TablePlace {
  readonly database: string;
  readonly table: string;
}

/** So that no statement grows without end. */
const MOST_TABLES = 200;

/**
 * A question about single tables. Those that one check asks of a node at about the same time are asked in
 * one statement; nothing is kept, so that every answer is as new as the question.
 * @returns gives the rows of a table, none where there is no such table; throws QueryError
 */
export function tableQuestion<Row>(
  question: TableQuestion<Row>,
): (client: Asked, place: TablePlace) => Promise<readonly Row[]> {
  const { columns, from, where, group, order, limit, row } = question;
  const name = from === 'system.tables' ? 'name' : 'table';
  return askedTogether(async ({ query }, places) => {
    const databases = [...new Set(places.map(({ database }) => quoteText(database)))];
    const tables = places.map(
      ({ database, table }) => `(${quoteText(database)}, ${quoteText(table)})`,
    );
    const sql = [
      `SELECT database AS asked_database, ${name} AS asked_table, ${columns} FROM ${from}`,
      `WHERE database IN (${databases.join(', ')}) AND (database, ${name}) IN (${tables.join(', ')})`,
      ...(where === undefined ? [] : [`AND (${where})`]),
      ...(group === undefined
        ? []
        : [`GROUP BY ${['database', name, group].filter(Boolean).join(', ')}`]),
      ...(order === undefined ? [] : [`ORDER BY ${order}`]),
      ...(limit === undefined ? [] : [`LIMIT ${limit} BY database, ${name}`]),
    ].join('\n');
    const found = await query(sql, placed(row));
    const rows = Map.groupBy(found, ({ key }) => key);
    return places.map((place) => (rows.get(keyOf(place)) ?? []).map(({ value }) => value));
  }, MOST_TABLES);
}

const keyOf = ({ database, table }: TablePlace): string => JSON.stringify([database, table]);

/** A row, and of which table it is. */
const placed = <Row>(row: z.ZodType<Row>) =>
  z
    .record(z.string(), z.unknown())
    .transform(({ asked_database, asked_table, ...rest }, context) => {
      const parsed = row.safeParse(rest);
      if (parsed.success) {
        const place = { database: String(asked_database), table: String(asked_table) };
        return { key: keyOf(place), value: parsed.data };
      }
      for (const { message, path } of parsed.error.issues) {
        context.addIssue({ code: 'custom', message, path });
      }
      return z.NEVER;
    });
