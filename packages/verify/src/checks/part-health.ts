import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteText, tableName, type NodeClient } from '../clickhouse/cluster.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { evidence, evidenceRow, EVIDENCE_ROWS, type EvidenceRow } from '../clickhouse/evidence.ts';
import { askSettings, settingsClause } from '../clickhouse/settings.ts';
import { localTables } from '../contract/contract.ts';
import type { Finding, Status } from '../verdict.ts';

/** Reasons for which a part is set aside although its rows are in another one. */
const SUPERSEDED = ['clone', 'deleting'];
/** Reasons for which a replica fetches the part again. */
const BROKEN = /^(broken|covered-by-broken)/;

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

/** Whether the files below a table are whole, attached and not too many. */
export const partHealth: ClusterCheck = {
  name: 'part-health',
  title: 'Parts are whole, attached, and not too many',
  proves:
    'On every node the checksums of all active parts are right, no part was set aside with its rows, and no partition has so many parts that inserts are slowed down or refused.',
  scope: 'cluster',
  run: async (context) => {
    const looks = localTables(context.contract).map(({ name }) =>
      // What one of them cannot see must not hide what the others do.
      [judgeDetached, judgeNumber, judgeChecksums].map((judge) =>
        askNodes(context.cluster.nodes, (client) => judge(context, client, name)),
      ),
    );
    return (await Promise.all(looks.flat())).flatMap(({ answers, silent }) => [
      ...answers.map(({ value }) => value),
      ...silent,
    ]);
  },
};

async function judgeDetached(
  { deployment }: ClusterContext,
  client: NodeClient,
  table: string,
): Promise<Finding> {
  const place = `database = ${quoteText(deployment.clickhouse.database)}
      AND table = ${quoteText(table)}`;
  const sql = `SELECT partition_id, name, reason, disk, arrayExists(
      part -> part.1 = partition_id AND part.2 <= min_block_number AND part.3 >= max_block_number,
      (SELECT groupArray((partition_id, min_block_number, max_block_number))
       FROM system.parts WHERE active AND ${place})) AS covered
    FROM system.detached_parts WHERE ${place} ORDER BY name`;
  const node = client.node.name;
  const about = {
    subject: `${table}, detached parts`,
    node,
    expected: 'none',
    sql: [sql],
  } as const;
  if (!(await hasSystemTable(client, 'detached_parts'))) {
    return {
      ...about,
      status: 'skipped',
      observed: 'no table system.detached_parts',
      reason: 'A server of this version does not show parts that were set aside.',
    };
  }
  const rows = await client.query(sql, evidenceRow);
  if (rows.length === 0) return { ...about, status: 'passed', observed: 'none' };
  const replicates = deployment.clickhouse.capabilities.replication === 'keeper';
  const isElsewhere = ({ reason, covered }: EvidenceRow): boolean =>
    SUPERSEDED.includes(String(reason)) ||
    (replicates && BROKEN.test(String(reason)) && Number(covered) === 1);
  const lost = rows.some((row) => !isElsewhere(row));
  return {
    ...about,
    status: lost ? 'failed' : 'warned',
    observed: `${rows.length} detached: ${rows.slice(0, 3).map(describePart).join(', ')}`,
    reason: lost
      ? 'Their rows may not be in the table. Attach them again, or drop them when they are not wanted or were inserted again; a replica ignores parts that coordination does not know.'
      : 'Their rows are in other parts: drop them to free the disk.',
    evidence: [evidence(`Detached parts on ${node}`, rows.slice(0, EVIDENCE_ROWS))],
  };
}

const describePart = ({ name, reason }: EvidenceRow): string =>
  `${String(name)}${reason ? ` (${String(reason)})` : ''}`;

async function judgeNumber(
  { deployment }: ClusterContext,
  client: NodeClient,
  table: string,
): Promise<Finding> {
  const setting = (name: string): string =>
    `(SELECT toUInt64(value) FROM system.merge_tree_settings WHERE name = '${name}')`;
  const sql = `SELECT partition, count() AS parts, ${setting('parts_to_delay_insert')} AS delay,
      ${setting('parts_to_throw_insert')} AS limit
    FROM system.parts
    WHERE active AND database = ${quoteText(deployment.clickhouse.database)}
      AND table = ${quoteText(table)}
    GROUP BY partition ORDER BY parts DESC LIMIT 1`;
  const [fullest] = await client.query(sql, fullnessRow);
  const about = {
    subject: `${table}, number of parts`,
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
  { deployment }: ClusterContext,
  client: NodeClient,
  table: string,
): Promise<Finding> {
  const node = client.node.name;
  const { settable, refused, unknown } = await askSettings(client, BY_PART);
  const sql = `CHECK TABLE ${tableName(deployment, table)} ${settingsClause(settable)}`.trim();
  if (unknown.length > 0 || refused.length > 0) {
    return {
      status: 'skipped',
      subject: `${table}, checksums`,
      node,
      expected: 'every active part is whole',
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
    status: broken.length === 0 ? 'passed' : 'failed',
    subject: `${table}, checksums`,
    node,
    expected: 'every active part is whole',
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
