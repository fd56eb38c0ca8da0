import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { askSettings, settingsClause } from '../clickhouse/settings.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import type { Finding, Status } from '../verdict.ts';
import { judgeDetached } from './detached-parts.ts';

/** What makes CHECK TABLE tell of each part, as new servers do by default. */
const BY_PART = { check_query_single_value_result: '0' };

const fullnessRow = z.object({
  partition: z.string(),
  parts: z.coerce.number(),
  delay: z.coerce.number(),
  limit: z.coerce.number(),
});
const partRow = z.object({
  part_path: z.string(),
  is_passed: z.coerce.number(),
  message: z.string(),
});

const setting = (name: string): string =>
  `(SELECT toUInt64(value) FROM system.merge_tree_settings WHERE name = '${name}')`;
const FULLNESS = {
  columns: `partition, count() AS parts, ${setting('parts_to_delay_insert')} AS delay,
      ${setting('parts_to_throw_insert')} AS limit`,
  from: 'system.parts',
  where: 'active',
  group: 'partition',
  order: 'parts DESC',
  limit: 1,
} as const;
const askFullest = tableQuestion({ ...FULLNESS, row: fullnessRow });

/** Whether the files below a table are whole, attached and not too many. */
export const partHealth: ClusterCheck = {
  name: 'part-health',
  title: 'Parts are whole, attached, and not too many',
  proves:
    'On every node the checksums of all active parts are right, no part was set aside with its rows, and no partition has so many parts that inserts are slowed down or refused. A part that was set aside warns where active parts of a replica hold its blocks, and fails where it may be the only copy. The checksums are asked with CHECK TABLE, which makes a replicated table fetch a broken part again: on a cluster that somebody else runs only with --check-parts.',
  scope: 'cluster',
  run: async (context) => {
    const looks = localTables(context.contract).map((table) =>
      // What one of them cannot see must not hide what the others do.
      [judgeDetached, judgeNumber, judgeChecksums].map((judge) =>
        askNodes(context.cluster.nodes, (client) => judge(context, client, table)),
      ),
    );
    return (await Promise.all(looks.flat())).flatMap(({ answers, silent }) => [
      ...answers.map(({ value }) => value),
      ...silent,
    ]);
  },
};

async function judgeNumber(
  { deployment }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
): Promise<Finding> {
  const database = databaseOf(deployment, local);
  const { columns, from, where, group, order, limit: most } = FULLNESS;
  const sql = `SELECT ${columns} FROM ${from}
    WHERE ${where} AND database = ${quoteText(database)} AND table = ${quoteText(local.name)}
    GROUP BY ${group} ORDER BY ${order} LIMIT ${most}`;
  const [fullest] = await askFullest(client, { database, table: local.name });
  const about = {
    subject: `${local.name}, number of parts`,
    node: client.node.name,
    sql: [sql],
  } as const;
  if (fullest === undefined) {
    return { ...about, status: 'passed', expected: 'not too many parts', observed: 'no parts' };
  }
  const { partition, parts, delay, limit } = fullest;
  const status: Status = parts >= delay ? 'failed' : parts >= delay / 2 ? 'warned' : 'passed';
  return {
    ...about,
    status,
    expected: `fewer than ${delay / 2} parts in each partition (inserts are slowed down from ${delay} on and refused from ${limit} on)`,
    observed: `${parts} at most, in partition ${partition}`,
    ...(status !== 'passed' && {
      reason: 'Insert in larger batches, and look whether merges were stopped.',
    }),
  };
}

async function judgeChecksums(
  { deployment, checkParts = deployment.runtime !== 'external' }: ClusterContext,
  client: NodeClient,
  local: LocalTable,
): Promise<Finding> {
  const node = client.node.name;
  const about = {
    subject: `${local.name}, checksums`,
    node,
    expected: 'every active part is whole',
  } as const;
  if (!checkParts) {
    return {
      ...about,
      status: 'skipped',
      observed: 'not asked',
      reason:
        'CHECK TABLE reads all parts, and makes a replicated table fetch a broken one again: ask for it with --check-parts.',
    };
  }
  const { settable, refused, unknown } = await askSettings(client, BY_PART);
  const sql = `CHECK TABLE ${qualifiedName(deployment, local)} ${settingsClause(settable)}`.trim();
  if (unknown.length > 0 || refused.length > 0) {
    return {
      ...about,
      status: 'skipped',
      observed: 'not asked',
      reason:
        unknown.length > 0
          ? 'A server of this version does not say it for each part.'
          : `The account may not set ${refused.join()}, without which the server does not say it for each part.`,
    };
  }
  const parts = await client.query(sql, partRow);
  const broken = parts.filter((part) => part.is_passed === 0);
  return {
    ...about,
    status: broken.length === 0 ? 'passed' : 'failed',
    observed:
      broken.length === 0
        ? `${parts.length} parts are whole`
        : `${broken.length} of ${parts.length} parts are broken: ${broken[0]?.part_path ?? ''}`,
    ...(broken.length > 0 && {
      reason: 'Fetch the parts from another replica, or insert their rows again.',
      evidence: [evidence(`Broken parts on ${node}`, broken.slice(0, EVIDENCE_ROWS))],
    }),
    sql: [sql],
  };
}
