import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteText, tableName, type NodeClient } from '../clickhouse/cluster.ts';
import { contentHash } from '../clickhouse/content.ts';
import { hasSystemColumn } from '../clickhouse/dialect.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { withoutReplication } from '../clickhouse/replicated.ts';
import { shardsOf, withoutPeer, type Shard } from '../clickhouse/shards.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

const partRow = z.object({ name: z.string(), rows: z.coerce.number(), sum: z.string() });
type Part = z.infer<typeof partRow>;

/** The same for replicas that compress in different ways. */
const CHECKSUM = 'hash_of_uncompressed_files';

/** Whether replicas have the same files. */
export const replicaParts: ClusterCheck = {
  name: 'replica-parts',
  title: 'Replicas of a shard have the same parts',
  proves:
    'The active parts of the replicas of a shard are the same by name, rows and checksum of their files (on servers that do not show checksums, by the hashes of their rows), at once or within the time that the contract gives replicas to settle.',
  scope: 'cluster',
  run: async (context) => {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    return settle(context.contract.replicas.settleSeconds, async () => {
      const looks = localTables(context.contract).flatMap((table) =>
        shardsOf(context.cluster).map((shard) => {
          const alone = withoutPeer(shard, table.name);
          return alone ? [alone] : judge(context, shard, table);
        }),
      );
      return (await Promise.all(looks)).flat();
    });
  },
};

async function judge(
  { deployment }: ClusterContext,
  { name: shard, replicas }: Shard,
  table: LocalTable,
): Promise<Finding[]> {
  const { answers, silent } = await askNodes(replicas, async (client) => {
    const sql = await partsSql(deployment, client, table);
    return { sql, parts: await client.query(sql, partRow) };
  });
  const [first, ...others] = answers;
  if (first === undefined || others.length === 0) return [...silent];
  const findings = others.map(({ node, value }): Finding => {
    const different = differences(first.value.parts, value.parts, first.node, node);
    return {
      status: different.length === 0 ? 'passed' : 'failed',
      subject: `${table.name}, shard ${shard}`,
      node,
      expected: `the parts of ${first.node}`,
      observed:
        different.length === 0
          ? `the same ${value.parts.length} parts`
          : `${different.length} different: ${different
              .slice(0, 3)
              .map(({ part, what }) => `${part} ${what}`)
              .join(', ')}`,
      sql: [value.sql],
      ...(different.length > 0 && {
        reason: 'Look at system.replication_queue of both nodes, and for parts that were detached.',
        evidence: [evidence('Parts that differ', different.slice(0, EVIDENCE_ROWS))],
      }),
    };
  });
  return [...findings, ...silent];
}

/** The statement for a table's active parts on a node. @throws QueryError */
async function partsSql(
  deployment: Deployment,
  client: NodeClient,
  { name, columns }: LocalTable,
): Promise<string> {
  if (!(await hasSystemColumn(client, 'parts', CHECKSUM))) {
    return `SELECT _part AS name, count() AS rows, ${contentHash(columns)} AS sum
      FROM ${tableName(deployment, name)} GROUP BY name ORDER BY name`;
  }
  return `SELECT name, rows, ${CHECKSUM} AS sum FROM system.parts
    WHERE active AND database = ${quoteText(deployment.clickhouse.database)}
      AND table = ${quoteText(name)} ORDER BY name`;
}

function differences(
  left: readonly Part[],
  right: readonly Part[],
  leftNode: string,
  rightNode: string,
): { part: string; what: string }[] {
  const [lefts, rights] = [left, right].map((parts) => new Map(parts.map((p) => [p.name, p])));
  const only = (
    some: readonly Part[],
    other: ReadonlyMap<string, Part> | undefined,
    node: string,
  ) =>
    some
      .filter(({ name }) => !other?.has(name))
      .map(({ name }) => ({ part: name, what: `only on ${node}` }));
  const changed = left.flatMap((part) => {
    const other = rights?.get(part.name);
    return other && (other.rows !== part.rows || other.sum !== part.sum)
      ? [{ part: part.name, what: `differs: ${part.rows} and ${other.rows} rows` }]
      : [];
  });
  return [...only(left, rights, leftNode), ...only(right, lefts, rightNode), ...changed];
}
