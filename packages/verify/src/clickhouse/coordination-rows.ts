import { QueryError, quoteText, type NodeClient } from '@provehouse/infra/clickhouse';
import type { z } from 'zod';

/**
 * Time within which coordination answers through a node. Without a session a node of ClickHouse 26
 * looks for one for minutes, in which no limit of the query counts.
 */
const ANSWER_WITHIN_MS = 10_000;

type Asked = Pick<NodeClient, 'query'>;

/**
 * Rows of `system.zookeeper` as a node gives them.
 * @throws QueryError, of which NoAnswerError when coordination keeps the node waiting
 */
export const coordinationRows = <Row extends z.ZodType>(
  client: Asked,
  sql: string,
  row: Row,
): Promise<z.infer<Row>[]> => client.query(sql, row, ANSWER_WITHIN_MS);

/** BAD_ARGUMENTS: a server before 21.2 is asked for one path at a time. */
const ONE_PATH_ALONE = '36';

/**
 * Rows about what is below several paths, in one statement where the server takes one.
 * @param sqlWhere makes the statement of a condition on the path
 * @throws QueryError as above
 */
export async function rowsBelow<Row extends z.ZodType>(
  client: Asked,
  paths: readonly string[],
  sqlWhere: (condition: string) => string,
  row: Row,
): Promise<z.infer<Row>[]> {
  const below = (path: string) =>
    coordinationRows(client, sqlWhere(`path = ${quoteText(path)}`), row);
  const [only, ...others] = paths;
  if (only === undefined) return [];
  if (others.length === 0) return below(only);
  try {
    const all = `path IN (${paths.map(quoteText).join(', ')})`;
    return await coordinationRows(client, sqlWhere(all), row);
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== ONE_PATH_ALONE) throw error;
    return (await Promise.all(paths.map(below))).flat();
  }
}
