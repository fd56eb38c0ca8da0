import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { tableName } from '../clickhouse/cluster.ts';
import { contentDifference } from '../clickhouse/content-difference.ts';
import { contentHash } from '../clickhouse/content.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { shardsOf, withoutPeer, type Shard } from '../clickhouse/shards.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Evidence, Finding } from '../verdict.ts';

const contentRow = z.object({ rows: z.coerce.number(), content: z.string() });
type Content = z.infer<typeof contentRow>;

/** Whether the replicas of a shard hold the same rows. */
export const replicaContent: ClusterCheck = {
  name: 'replica-content',
  title: 'Replicas of a shard hold the same rows',
  proves:
    'Whichever replica answers, the answer is the same: number of rows and sum of the hashes of all columns are equal, at once or within the time that the contract gives replicas to settle. It does not say that the rows are right.',
  scope: 'cluster',
  run: async (context) => {
    const { settleSeconds } = context.contract.replicas;
    const looks = localTables(context.contract).flatMap((table) =>
      shardsOf(context.cluster).map((shard) => {
        const skipped = withoutPeer(shard, table.name);
        return skipped ? [skipped] : settle(settleSeconds, () => judge(context, shard, table));
      }),
    );
    return (await Promise.all(looks)).flat();
  },
};

async function judge(
  { deployment }: ClusterContext,
  { name: shard, replicas }: Shard,
  local: LocalTable,
): Promise<Finding[]> {
  const table = tableName(deployment, local.name);
  const { columns } = local;
  const sql = `SELECT count() AS rows, ${contentHash(columns)} AS content FROM ${table}`;
  const { answers, silent } = await askNodes(
    replicas,
    async (client): Promise<Content> =>
      (await client.query(sql, contentRow))[0] ?? { rows: 0, content: '0' },
  );
  const [first, ...others] = answers;
  if (first === undefined || others.length === 0) return [...silent];
  const different = others.find(({ value }) => !same(value, first.value));
  const shown = evidence(
    'Content by replica',
    answers.map(({ node, value }) => ({ node, ...value })),
  );
  return [
    {
      status: different ? 'failed' : 'passed',
      subject: `${local.name}, shard ${shard}`,
      expected: `the same rows on ${answers.map(({ node }) => node).join(' and ')}`,
      observed: answers.map(({ node, value }) => `${node}: ${said(value)}`).join(', '),
      ...(different && {
        reason:
          'They still differed when the time to settle was over. Look at the Distributed queue and the replication of the table, and copy the rows that are missing.',
      }),
      evidence: different ? [shown, await differences(table, columns, first, different)] : [shown],
      sql: [sql],
    },
    ...silent,
  ];
}

const same = (left: Content, right: Content): boolean =>
  left.rows === right.rows && left.content === right.content;

const said = ({ rows, content }: Content): string => `${rows} rows with hash ${content}`;

async function differences(
  table: string,
  columns: LocalTable['columns'],
  left: Answer<Content>,
  right: Answer<Content>,
): Promise<Evidence> {
  const rows = await contentDifference(table, columns, left.client, right.client);
  return evidence(`Rows that only one of ${left.node} and ${right.node} has`, rows);
}
