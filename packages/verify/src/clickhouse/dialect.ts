import { z } from 'zod';
import { QueryError, quoteText, type NodeClient } from './cluster.ts';

const countRow = z.object({ found: z.coerce.number() });
const existsRow = z.object({ result: z.coerce.number() });

/*
 * What servers have differs by their versions. The server is asked, so that nothing else knows
 * versions: what one cannot tell is skipped there, or asked in other words.
 */

/** Whether a server has the table `system.<name>`. @throws QueryError, also where it is denied */
export async function hasSystemTable(client: NodeClient, name: string): Promise<boolean> {
  const [exists] = await client.query(`EXISTS TABLE system.${name}`, existsRow);
  return exists?.result === 1;
}

/** Whether a server's table `system.<table>` has a column. @throws QueryError */
export const hasSystemColumn = (
  client: NodeClient,
  table: string,
  column: string,
): Promise<boolean> =>
  finds(
    client,
    `system.columns WHERE database = 'system' AND table = ${quoteText(table)} AND name = ${quoteText(column)}`,
  );

/** Whether a server has a function. @throws QueryError */
export const hasFunction = (client: NodeClient, name: string): Promise<boolean> =>
  finds(client, `system.functions WHERE name = ${quoteText(name)}`);

/** Whether a server has a setting of queries. @throws QueryError */
export const hasSetting = (client: NodeClient, name: string): Promise<boolean> =>
  finds(client, `system.settings WHERE name = ${quoteText(name)}`);

/** ILLEGAL_TYPE_OF_ARGUMENT */
const ILLEGAL_TYPE = '43';

/** Whether a server hashes values of all types; old ones do not hash Nullable, Decimal or UUID. @throws QueryError */
export async function hashesAllTypes(client: NodeClient): Promise<boolean> {
  try {
    await client.query(
      'SELECT cityHash64(tuple(toNullable(1), toDecimal64(1, 2))) > 0 AS result',
      existsRow,
    );
    return true;
  } catch (error) {
    if (error instanceof QueryError && error.code === ILLEGAL_TYPE) return false;
    throw error;
  }
}

async function finds(client: NodeClient, from: string): Promise<boolean> {
  const [row] = await client.query(`SELECT count() AS found FROM ${from}`, countRow);
  return (row?.found ?? 0) > 0;
}
