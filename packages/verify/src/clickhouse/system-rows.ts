import { z } from 'zod';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';

/** A row of a system table, whatever columns it has in a server's version. */
export type SystemRow = Readonly<Record<string, unknown>>;

const systemRow = z.record(z.string(), z.unknown());

/** ClickHouse's codes for a table, a column and a function that a server does not know. */
const UNKNOWN = ['60', '47', '46'];

/** Whether a server does not know what it was asked for. */
export const isUnknown = (error: unknown): error is QueryError =>
  error instanceof QueryError && UNKNOWN.includes(error.code ?? '');

/**
 * The rows of a SELECT from system tables, in other words where a server does not know those of newer
 * ones. @throws QueryError
 */
export async function systemRows(
  client: NodeClient,
  sql: string,
  olderSql?: string,
): Promise<SystemRow[]> {
  try {
    return await client.query(sql, systemRow);
  } catch (error) {
    if (olderSql === undefined || !isUnknown(error)) throw error;
    return client.query(olderSql, systemRow);
  }
}
