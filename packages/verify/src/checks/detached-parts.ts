import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import {
  detachedParts,
  detachedSql,
  partsWithRows,
  whereaboutsOf,
  type ActivePart,
  type DetachedPart,
  type Whereabouts,
} from '../clickhouse/detached-parts.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { qualifiedName, type NamedTable } from '../clickhouse/named-table.ts';
import type { Finding } from '../verdict.ts';

const SHOWN = 3;

/** Judges the parts of a table that were set aside on a node, by where else their rows are. */
export async function judgeDetached(
  context: ClusterContext,
  client: NodeClient,
  table: NamedTable,
): Promise<Finding> {
  const { deployment } = context;
  const about = {
    subject: `${table.name}, detached parts`,
    node: client.node.name,
    expected: 'none',
    sql: [detachedSql(deployment, table)],
  } as const;
  if (!(await hasSystemTable(client, 'detached_parts'))) {
    return {
      ...about,
      status: 'skipped',
      observed: 'no table system.detached_parts',
      reason: 'A server of this version does not show parts that were set aside.',
    };
  }
  const parts = await detachedParts(deployment, client, table);
  if (parts.length === 0) return { ...about, status: 'passed', observed: 'none' };
  const holders = await holdersOf(context, client, table);
  const found = parts.map((part) => ({ part, where: whereaboutsOf(part, holders) }));
  const lost = found.filter(({ where }) => where.kind !== 'elsewhere');
  const shown = lost.length > 0 ? lost : found;
  return {
    ...about,
    status: lost.length > 0 ? 'failed' : 'warned',
    observed: `${parts.length} detached: ${shown.slice(0, SHOWN).map(said).join(', ')}${shown.length > SHOWN ? ', …' : ''}`,
    reason: adviceFor(
      qualifiedName(deployment, table),
      found.map(({ where }) => where.kind),
    ),
    evidence: [
      evidence(
        `Detached parts on ${client.node.name}`,
        [...lost, ...found.filter((one) => !lost.includes(one))]
          .slice(0, EVIDENCE_ROWS)
          .map(({ part, where }) => ({
            ...{ name: part.name, reason: part.reason ?? '', partition: part.partition_id },
            'rows are': 'holder' in where ? `in ${where.holder}` : where.kind,
          })),
      ),
    ],
  };
}

/** Active parts by node: those of all replicas of the shard where they share their block numbers. */
async function holdersOf(
  { deployment, cluster }: ClusterContext,
  client: NodeClient,
  table: NamedTable,
): Promise<ReadonlyMap<string, readonly ActivePart[]>> {
  const replicates = deployment.clickhouse.capabilities.replication === 'keeper';
  const peers = replicates
    ? [
        client,
        ...cluster.nodes.filter(
          ({ node }) => node.shard === client.node.shard && node.name !== client.node.name,
        ),
      ]
    : [client];
  const { answers } = await askNodes(peers, (peer) => partsWithRows(deployment, peer, table));
  return new Map(answers.map(({ node, value }) => [node, value]));
}

const said = ({ part, where }: { part: DetachedPart; where: Whereabouts }): string =>
  `${part.name} (${where.kind === 'elsewhere' ? `in ${where.holder}` : where.kind})`;

function adviceFor(table: string, kinds: readonly Whereabouts['kind'][]): string {
  if (kinds.includes('only copy')) {
    return (
      'These are the only copies: no active part of a replica that answers has their blocks. Keep them. ' +
      `Rename a folder in detached/ to its part's name without the reason, then ALTER TABLE ${table} ATTACH PART; or copy the folders away before anybody cleans up.`
    );
  }
  if (kinds.includes('by statement')) {
    return `They were set aside by a statement, and their rows are not in the table unless they were inserted again: ALTER TABLE ${table} ATTACH PART brings them back. Drop none before you know.`;
  }
  return `Active parts hold their blocks: ALTER TABLE ${table} DROP DETACHED PART frees the disk.`;
}
