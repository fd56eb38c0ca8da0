import { z } from 'zod';
import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { KeptAnswers } from './kept-answers.ts';

const countRow = z.object({ found: z.coerce.number() });
const existsRow = z.object({ result: z.coerce.number() });

/*
 * What servers have differs by their versions. The server is asked, so that nothing else knows
 * versions: what one cannot tell is skipped there, or asked in other words. Each is asked once.
 */

const answers = new KeptAnswers();

/** Whether a server has the table `system.<name>`. @throws QueryError, also where it is denied */
export function hasSystemTable(client: NodeClient, name: string): Promise<boolean> {
  const sql = `EXISTS TABLE system.${name}`;
  return answers.of(client, sql, async () => (await client.query(sql, existsRow))[0]?.result === 1);
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

/** UNKNOWN_FUNCTION, and SYNTAX_ERROR of a server that does not know calls of this form. */
const NO_SUCH_CALL = ['46', '62'];

/**
 * Whether a server has the function of a call, such as `now64(3)`. It is called, because a look into
 * `system.functions` takes ten times as long: the server writes down all of them for it.
 * @throws QueryError
 */
export const hasFunction = (client: NodeClient, call: string): Promise<boolean> =>
  takes(client, `${call} IS NOT NULL`, NO_SUCH_CALL);

/** Whether a server has a setting of queries. @throws QueryError */
export const hasSetting = (client: NodeClient, name: string): Promise<boolean> =>
  finds(client, `system.settings WHERE name = ${quoteText(name)}`);

/** ILLEGAL_TYPE_OF_ARGUMENT */
const ILLEGAL_TYPE = '43';

/** Whether a server hashes values of all types; old ones do not hash Nullable, Decimal or UUID. @throws QueryError */
export const hashesAllTypes = (client: NodeClient): Promise<boolean> =>
  takes(client, 'cityHash64(tuple(toNullable(1), toDecimal64(1, 2))) > 0', [ILLEGAL_TYPE]);

/** Whether a server computes an expression, or refuses it with one of the codes. @throws QueryError */
function takes(
  client: NodeClient,
  expression: string,
  refusals: readonly string[],
): Promise<boolean> {
  const sql = `SELECT ${expression} AS result`;
  return answers.of(client, sql, async () => {
    try {
      await client.query(sql, existsRow);
      return true;
    } catch (error) {
      if (error instanceof QueryError && refusals.includes(error.code ?? '')) return false;
      throw error;
    }
  });
}

function finds(client: NodeClient, from: string): Promise<boolean> {
  const sql = `SELECT count() AS found FROM ${from}`;
  return answers.of(
    client,
    sql,
    async () => ((await client.query(sql, countRow))[0]?.found ?? 0) > 0,
  );
}
