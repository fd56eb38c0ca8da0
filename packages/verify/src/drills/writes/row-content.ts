import { createHash } from 'node:crypto';
import { quoteText } from '@provehouse/infra/clickhouse';

/** What a row of a drill holds besides its id: SHA-256 of seed and id, in hexadecimal digits. */
export const payloadOf = (seed: number, id: number): string =>
  createHash('sha256').update(`${seed}:${id}`).digest('hex').toUpperCase();

/** The same as SQL, for ClickHouse to compute from the column `id`. */
export const payloadSql = (seed: number): string =>
  `hex(SHA256(concat(${quoteText(`${seed}:`)}, toString(id))))`;

/** The rows of a batch as lines of TabSeparated. */
export function batchText(seed: number, batch: number, rows: number): string {
  return Array.from({ length: rows }, (_, index) => {
    const id = batch * rows + index;
    return `${id}\t${batch}\t${payloadOf(seed, id)}\n`;
  }).join('');
}
