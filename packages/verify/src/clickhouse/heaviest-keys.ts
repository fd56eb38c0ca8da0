import type { Deployment } from '@provehouse/infra';
import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { EVIDENCE_ROWS } from './evidence.ts';
import { qualifiedName, type NamedTable } from './named-table.ts';
import type { ShardingKey } from './sharding-key.ts';

/** A value of the sharding key that many rows have. */
export interface HeavyKey {
  /** The columns of the key with their values, such as `user_id = 7`. */
  readonly name: string;
  readonly rows: number;
}

const heavyRow = resultRow({
  number: z.string(),
  rows: z.coerce.number(),
  first: z.array(z.string()),
  last: z.array(z.string()),
});

/**
 * The keys that most rows of a node's local table have, the heaviest first. `topK` finds them in bounded
 * memory (a key with a thirtieth of the rows or more is never missed), and their rows are counted.
 * topK: https://clickhouse.com/docs/sql-reference/aggregate-functions/reference/topk
 * @throws QueryError
 */
export async function heaviestKeys(
  client: NodeClient,
  deployment: Deployment,
  local: NamedTable,
  key: ShardingKey,
): Promise<HeavyKey[]> {
  if (key.number === undefined) return [];
  const table = qualifiedName(deployment, local);
  const texts = (of: 'min' | 'max'): string =>
    `[${key.columns.map((name) => `ifNull(${of}(toString(${quoteName(name)})), 'NULL')`).join(', ') || "''"}]`;
  const [number, rows] = [resultName('number'), resultName('rows')];
  const heaviest = await client.query(
    `SELECT toString(${key.number}) AS ${number}, count() AS ${rows},
       ${texts('min')} AS ${resultName('first')}, ${texts('max')} AS ${resultName('last')}
     FROM ${table}
     WHERE ${key.number} IN (SELECT arrayJoin(topK(${EVIDENCE_ROWS})(${key.number})) FROM ${table})
     GROUP BY ${number} ORDER BY ${rows} DESC, ${number} LIMIT ${EVIDENCE_ROWS}`,
    heavyRow,
  );
  return heaviest.map(({ number, rows, first, last }) => ({
    name: nameOf(key.columns, number, first, last),
    rows,
  }));
}

/** Rows of one key may have several values of a column, when the sharding expression unites them. */
function nameOf(
  columns: readonly string[],
  number: string,
  first: readonly string[],
  last: readonly string[],
): string {
  if (columns.length === 0) return `sharding key ${number}`;
  return columns
    .map((column, index) => {
      const [low = '', high = ''] = [first[index], last[index]];
      return low === high ? `${column} = ${low}` : `${column} from ${low} to ${high}`;
    })
    .join(', ');
}
