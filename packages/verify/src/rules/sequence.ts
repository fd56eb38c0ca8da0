import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteName, type NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { hasFunction } from '../clickhouse/dialect.ts';
import { firstReplicas, wholeTable } from '../clickhouse/whole-table.ts';
import type { LocalTable, Rule } from '../contract/contract.ts';
import { resolve, UnknownParameterError, type Parameters } from '../contract/parameters.ts';
import type { Evidence, Finding } from '../verdict.ts';

type SequenceRule = Extract<Rule, { rule: 'sequence' }>;

const factsRow = z.object({
  rows: z.coerce.number(),
  different: z.coerce.number(),
  first: z.coerce.number(),
  last: z.coerce.number(),
});

/**
 * Judges that a column holds each whole number from one to another exactly once, over all shards:
 * as many rows and as many different values as numbers, and none outside. A bitmap counts different
 * whole numbers exactly, and servers merge bitmaps of a few bits a row instead of sets.
 */
export async function judgeSequence(
  { cluster, deployment, parameters }: ClusterContext,
  { name }: LocalTable,
  rule: SequenceRule,
): Promise<readonly Finding[]> {
  const column = quoteName(rule.column);
  const table = wholeTable(deployment, name);
  const { answers, silent } = await askNodes(
    cluster.nodes.slice(0, 1),
    async (client): Promise<Finding> => {
      const different = (await hasFunction(client, 'groupBitmap')) ? 'groupBitmap' : 'uniqExact';
      const settings = await firstReplicas(client);
      const sql = `SELECT count() AS rows, ${different}(${column}) AS different,
      min(${column}) AS first, max(${column}) AS last FROM ${table} ${settings}`;
      const [facts = { rows: 0, different: 0, first: 0, last: 0 }] = await client.query(
        sql,
        factsRow,
      );
      const from = Number(resolve(rule.from, parameters));
      const known = lastNumber(rule, parameters);
      const to = known ?? from + facts.rows - 1;
      const numbers = to - from + 1;
      const { rows, first, last } = facts;
      const within = rows === 0 || (first === from && last === to);
      const right = rows === numbers && facts.different === numbers && within;
      return {
        status: right ? 'passed' : 'failed',
        subject: `${name}.${rule.column}, sequence`,
        expected: `each number from ${from} to ${to}${known === undefined ? ' (the number of rows)' : ''} once`,
        observed: `${rows} rows, ${facts.different} different numbers from ${first} to ${last}`,
        ...(!right && {
          reason: 'Rows are missing, doubled, or not of this run. Load the table again.',
          evidence: await violations(client, { table, settings, column, from, to }),
        }),
        sql: [sql],
      };
    },
  );
  return [...answers.map(({ value }) => value), ...silent];
}

/** Where the sequence must end, or undefined when that is a fact of a run that is not known. */
function lastNumber({ to }: SequenceRule, parameters: Parameters): number | undefined {
  try {
    return Number(resolve(to, parameters));
  } catch (error) {
    if (error instanceof UnknownParameterError) return undefined;
    throw error;
  }
}

/** A sequence, where it is sought. */
interface SoughtSequence {
  readonly table: string;
  /** The SETTINGS clause with which the table is read. */
  readonly settings: string;
  readonly column: string;
  readonly from: number;
  readonly to: number;
}

async function violations(
  client: NodeClient,
  { table, settings, column, from, to }: SoughtSequence,
): Promise<Evidence[]> {
  const numbers = Math.max(0, to - from + 1);
  const all = await Promise.all([
    firstRows(
      'Numbers that occur more than once',
      client,
      `SELECT ${column}, count() AS times FROM ${table} GROUP BY ${column} HAVING times > 1 ORDER BY ${column}`,
      settings,
    ),
    firstRows(
      'Numbers that are missing',
      client,
      `SELECT number + (${from}) AS missing FROM numbers(${numbers})
       WHERE missing NOT IN (SELECT ${column} FROM ${table})`,
      settings,
    ),
    firstRows(
      'Rows with other numbers',
      client,
      `SELECT * FROM ${table} WHERE NOT (${column} >= ${from} AND ${column} <= ${to}) ORDER BY ${column}`,
      settings,
    ),
  ]);
  return all.filter(({ rows }) => rows.length > 0);
}
