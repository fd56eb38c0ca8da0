import type { ClusterContext } from '../check.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { reasonToDiffer } from '../contract/allowed-differences.ts';
import type { Finding } from '../verdict.ts';
import type { Difference } from './compare-things.ts';
import type { Source } from './source.ts';
import { unifiedDifference } from './unified-difference.ts';

/** How many things are named in a line. */
const NAMED_THINGS = 5;

/** A difference as one node has it. */
interface NodeDifference extends Difference {
  readonly node: string;
  /** Why it is allowed, if it is. */
  readonly reason: string | undefined;
}

/** What differs: a failure for each node that differs, and what is allowed to, with the reasons. */
export function differenceFindings(
  { contract }: ClusterContext,
  source: Source,
  differences: readonly Difference[],
): Finding[] {
  const byNode = differences.flatMap((difference) => {
    const { kind, name, odd } = difference;
    const reason = source.ownReason?.(name) ?? reasonToDiffer(contract.allow, kind, name);
    return odd.flatMap(({ nodes }) => nodes.map((node) => ({ ...difference, node, reason })));
  });
  const failed = Map.groupBy(
    byNode.filter(({ reason }) => reason === undefined),
    ({ node }) => node,
  );
  const allowed = Map.groupBy(
    byNode.filter(({ reason }) => reason !== undefined),
    ({ node }) => node,
  );
  return [
    ...[...failed].map(([node, own]) => failure(source, node, own)),
    ...[...allowed].map(([node, own]) => allowance(source, node, own)),
  ];
}

function failure(
  { subject, sql }: Source,
  node: string,
  differences: readonly NodeDifference[],
): Finding {
  const tied = differences.some((difference) => difference.tied);
  const tie = 'As many nodes have the one as the other: decide which is right. ';
  return {
    status: 'failed',
    subject,
    node,
    expected: 'the same on all nodes',
    observed: named(differences),
    difference: unifiedDifference(differences, node),
    reason:
      `${tied ? tie : ''}` +
      `Make ${node} like the others, or say in the contract, under allow, why it may differ.`,
    evidence: [evidence('Differences', differences.map(row))],
    sql: [sql],
  };
}

const allowance = (
  { subject, sql }: Source,
  node: string,
  differences: readonly NodeDifference[],
): Finding => ({
  status: 'passed',
  subject: `${subject} that may differ`,
  node,
  expected: 'anything',
  observed: named(differences),
  difference: unifiedDifference(differences, node),
  evidence: [
    evidence(
      'Allowed differences',
      differences.map((difference) => ({ ...row(difference), reason: difference.reason ?? '' })),
    ),
  ],
  sql: [sql],
});

const row = (difference: NodeDifference): Record<string, string> => ({
  kind: difference.kind,
  name: difference.name,
  here: stateOf(difference),
  'most nodes': difference.usual.nodes.join(', '),
});

function named(differences: readonly NodeDifference[]): string {
  const rest = differences.length - NAMED_THINGS;
  return [
    ...differences
      .slice(0, NAMED_THINGS)
      .map((difference) => `${difference.kind} ${difference.name} ${stateOf(difference)}`),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('; ');
}

function stateOf({ node, usual, odd }: NodeDifference): string {
  const own = odd.find(({ nodes }) => nodes.includes(node));
  if (own?.definition === undefined) return 'is absent';
  return usual.definition === undefined ? 'is there, and not on the others' : 'is another';
}
