import type { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import {
  comparedRows,
  contentRow,
  contentSql,
  type ComparedRows,
} from '../clickhouse/compared-rows.ts';
import { contentDifference } from '../clickhouse/content-difference.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { noteContent } from '../clickhouse/noted-content.ts';
import { shardsOf, withoutPeer, type Shard } from '../clickhouse/shards.ts';
import { judgeSlices, namesOf, sliceOf, slicesOf, type Slice } from '../clickhouse/slices.ts';
import { askStoredTable, commonColumns } from '../clickhouse/stored-table.ts';
import { stillness } from '../clickhouse/stillness.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Evidence, Finding } from '../verdict.ts';

interface Content extends z.infer<typeof contentRow> {
  readonly compared: ComparedRows;
}

/** Whether the replicas of a shard hold the same rows. */
export const replicaContent: ClusterCheck = {
  name: 'replica-content',
  critical: true,
  title: 'Replicas of a shard hold the same rows',
  proves:
    'Whichever replica answers, the answer is the same: number of rows and sum of the hashes of all stored columns are equal, at once or within the time that the contract gives replicas to settle. Tables whose engine merges rows are compared merged (FINAL), and states by what they come to. It does not say that the rows are right.',
  scope: 'cluster',
  run: async (context) => {
    const { settleSeconds } = context.contract.replicas;
    const looks = localTables(context.contract).flatMap((table) =>
      shardsOf(context.cluster).map(async (shard) => {
        const skipped = withoutPeer(shard, table.name);
        if (skipped) return [skipped];
        const { deployment, sampling } = context;
        const slices = await slicesOf(deployment, shard.replicas, table, sampling);
        const about = { subject: subjectOf(table, shard) };
        return judgeSlices(slices, sampling, about, (slice) =>
          settle(settleSeconds, () => judge(context, shard, table, slice), {
            stillness: stillness(context),
          }),
        );
      }),
    );
    return (await Promise.all(looks)).flat();
  },
};

const subjectOf = ({ name }: LocalTable, shard: Shard): string => `${name}, shard ${shard.name}`;

async function judge(
  { deployment }: ClusterContext,
  shard: Shard,
  local: LocalTable,
  slice: Slice,
): Promise<Finding[]> {
  const { replicas } = shard;
  const stored = await askNodes(replicas, (client) => askStoredTable(client, deployment, local));
  const columns = commonColumns(stored.answers.map(({ value }) => value));
  const asked = new Map(stored.answers.map(({ client, value }) => [client, value]));
  const { answers, silent } = await askNodes([...asked.keys()], async (client) => {
    const table = asked.get(client);
    if (table === undefined) throw new RangeError('only nodes that have the table are asked');
    const rows = await comparedRows(client, sliceOf(table, slice), columns);
    const sql = contentSql(rows);
    const [content = { rows: 0, content: '0' }] = await client.query(sql, contentRow);
    noteContent(client, sql, content);
    return { ...content, compared: rows };
  });
  const [first, ...others] = answers;
  const unknown = [...stored.silent, ...silent];
  if (first === undefined || others.length === 0) return unknown;
  const different = others.find(({ value }) => !same(value, first.value));
  const shown = evidence(
    'Content by replica',
    answers.map(({ node, value: { rows, content } }) => ({ node, rows, content })),
  );
  return [
    {
      status: different ? 'failed' : 'passed',
      subject: [subjectOf(local, shard), ...namesOf(slice)].join(', '),
      expected: `the same rows on ${answers.map(({ node }) => node).join(' and ')}`,
      observed: answers.map(({ node, value }) => `${node}: ${said(value)}`).join(', '),
      ...(different && {
        reason:
          'They still differed when the time to settle was over. Look at the Distributed queue and the replication of the table, and copy the rows that are missing.',
      }),
      evidence: different ? [shown, await differences(first, different)] : [shown],
      sql: [contentSql(first.value.compared)],
    },
    ...unknown,
  ];
}

const same = (left: Content, right: Content): boolean =>
  left.rows === right.rows && left.content === right.content;

const said = ({ rows, content }: Content): string => `${rows} rows with hash ${content}`;

async function differences(left: Answer<Content>, right: Answer<Content>): Promise<Evidence> {
  const rows = await contentDifference(left.value.compared, left.client, right.client);
  return evidence(`Rows that only one of ${left.node} and ${right.node} has`, rows);
}
