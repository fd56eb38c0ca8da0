import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { Finding } from '../verdict.ts';

/** https://clickhouse.com/docs/operations/system-tables/events; counted since the server was started. */
const SQL = `SELECT toString(sum(value)) AS blocks, toString(uptime()) AS seconds FROM system.events
  WHERE event = 'DuplicatedInsertedBlocks'`;

const eventRow = z.object({ blocks: z.coerce.number(), seconds: z.coerce.number() });

/** Whether servers took rows for ones that they had already. */
export const droppedDuplicates: ClusterCheck = {
  name: 'dropped-duplicates',
  title: 'No inserted block was dropped as a duplicate, unless rows are counted',
  scope: 'cluster',
  proves:
    'Since its start no node dropped a block of an INSERT because it had one with the same rows before. ' +
    'A replicated table does so for the last inserts, which makes a retry harmless, and loses rows that ' +
    'were meant to come twice, or again after they were deleted. Where the number of rows is stated it is ' +
    'judged by that, and here only shown. Of which table the blocks were, servers do not count.',
  async run(context) {
    const counted = rowsAreStated(context);
    const { answers, silent } = await askNodes(context.cluster.nodes, async (client) =>
      (await client.query(SQL, eventRow)).map((row) => judge(client.node.name, row, counted)),
    );
    return [...answers.flatMap(({ value }) => value), ...silent];
  },
};

/** Whether a run or the contract says how many rows there are. */
const rowsAreStated = ({ contract, expectedRows }: ClusterContext): boolean =>
  expectedRows !== undefined ||
  contract.tables.some(({ rows }) => rows !== undefined && rows !== '$rows');

function judge(
  node: string,
  { blocks, seconds }: z.infer<typeof eventRow>,
  counted: boolean,
): Finding {
  return {
    status: blocks === 0 || counted ? 'passed' : 'warned',
    node,
    expected: counted ? 'rows are counted, so that none is missing unseen' : 'no dropped block',
    observed: `${blocks} blocks dropped as duplicates in ${seconds} s since the start`,
    ...(blocks > 0 &&
      !counted && {
        reason:
          'If these were retries of inserts, all is well. If the same rows were inserted again on purpose, such as after a DELETE or DROP PARTITION, they are missing: insert them with insert_deduplicate = 0, or state the rows (--rows).',
      }),
    sql: [SQL],
  };
}
