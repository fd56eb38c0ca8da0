import type { ClickHouseNode } from '@provehouse/infra';
import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { Finding } from '../verdict.ts';
import { compareThings } from './compare-things.ts';
import { differenceFindings } from './difference-findings.ts';
import { readSource, type Reading, type ShardNodeThings, type Source } from './source.ts';

interface NodeReading {
  readonly node: ClickHouseNode;
  readonly reading: Reading;
}

const EXPECTED = 'the same on all nodes';

/** Compares what every node has with what every other one has, source by source. */
export async function compareNodes(
  context: ClusterContext,
  sources: readonly Source[],
): Promise<Finding[]> {
  if (context.cluster.nodes.length === 1) {
    const reason = 'There is no other node to compare with.';
    return [{ status: 'skipped', expected: EXPECTED, observed: 'one node', reason }];
  }
  const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
    Promise.all(sources.map((source) => readSource(source, client))),
  );
  const findings = sources.flatMap((source, index) => {
    const readings = answers.flatMap(({ client: { node }, value }): NodeReading[] => {
      const reading = value[index];
      return reading === undefined ? [] : [{ node, reading }];
    });
    return judge(context, source, readings);
  });
  return [...findings, ...silent];
}

function judge(
  context: ClusterContext,
  source: Source,
  readings: readonly NodeReading[],
): Finding[] {
  const nodes = readings.flatMap(({ node, reading }): ShardNodeThings[] =>
    'things' in reading ? [{ node: node.name, shard: node.shard, things: reading.things }] : [],
  );
  const unseen = unseenFindings(context, source, readings);
  if (nodes.length < 2) return unseen;
  const { alike, differences } = compareThings(source.align?.(nodes) ?? nodes);
  return [
    {
      status: 'passed',
      subject: source.subject,
      expected: EXPECTED,
      observed: `${alike === 0 ? 'no' : alike} ${source.subject} alike on ${nodes.length} nodes`,
      sql: [source.sql],
    },
    ...differenceFindings(context, source, differences),
    ...unseen,
  ];
}

/** What could not be looked at. */
function unseenFindings(
  { deployment }: ClusterContext,
  { subject, sql }: Source,
  readings: readonly NodeReading[],
): Finding[] {
  const about = { subject, expected: EXPECTED, sql: [sql] };
  const user = deployment.clickhouse.users.administrator;
  // Who owns a platform, or sees them on another node, can see them here.
  const possible =
    deployment.runtime !== 'external' || readings.some(({ reading }) => 'things' in reading);
  return readings.flatMap(({ node: { name: node }, reading }): Finding[] => {
    if ('absent' in reading) {
      const reason = `A server of this version does not show ${subject}.`;
      return [{ ...about, node, status: 'skipped', observed: 'not shown', reason }];
    }
    if ('denied' in reading) {
      const reason = `GRANT ${reading.denied} TO ${user}`;
      const status = possible ? 'inconclusive' : 'skipped';
      return [{ ...about, node, status, observed: `${user} may not see them`, reason }];
    }
    if (reading.partly === undefined) return [];
    const reason = `GRANT ${reading.partly} TO ${user}`;
    return [{ ...about, node, status: 'skipped', observed: `${user} sees some of them`, reason }];
  });
}
