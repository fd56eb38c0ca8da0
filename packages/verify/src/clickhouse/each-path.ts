import { z } from 'zod';
import { askedTogether, type Asked } from './asked-together.ts';
import { rowsBelow } from './coordination-rows.ts';

/** What is asked of the entries below single paths of coordination. */
interface PathQuestion<Row> {
  /** Aggregates over the entries below a path, as after SELECT. */
  readonly columns: string;
  /** A condition that all entries meet. */
  readonly where?: string;
  readonly row: z.ZodType<Row>;
}

/** So few that a node reads their entries in a part of the time that it is given. */
const MOST_PATHS = 25;

/**
 * A question about the entries below single paths. Those that one check asks of a node at about the same
 * time are asked in one statement.
 * @returns gives what is below a path, undefined where nothing is; throws QueryError, of which
 *   NoAnswerError when coordination keeps the node waiting
 */
export function pathQuestion<Row>({
  columns,
  where,
  row,
}: PathQuestion<Row>): (client: Asked, path: string) => Promise<Row | undefined> {
  return askedTogether(async (client, paths) => {
    const sqlWhere = (condition: string): string =>
      [
        `SELECT path AS asked_path, ${columns} FROM system.zookeeper`,
        `WHERE ${condition}${where === undefined ? '' : ` AND ${where}`} GROUP BY path`,
      ].join('\n');
    const found = await rowsBelow(client, [...new Set(paths)], sqlWhere, pathRow);
    const rows = new Map(found.map(({ asked_path, ...rest }) => [asked_path, row.parse(rest)]));
    return paths.map((path) => rows.get(path));
  }, MOST_PATHS);
}

const pathRow = z.looseObject({ asked_path: z.string() });
