import type { z } from 'zod';
import type { NodeClient } from './cluster.ts';

/**
 * Time within which coordination answers through a node. Without a session a node of ClickHouse 26
 * looks for one for minutes, in which no limit of the query counts.
 */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Rows of `system.zookeeper` as a node gives them.
 * @throws QueryError, of which NoAnswerError when coordination keeps the node waiting
 */
export const coordinationRows = <Row extends z.ZodType>(
  client: NodeClient,
  sql: string,
  row: Row,
): Promise<z.infer<Row>[]> => client.query(sql, row, ANSWER_WITHIN_MS);
