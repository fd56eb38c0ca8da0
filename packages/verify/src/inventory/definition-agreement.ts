import type { ClusterContext } from '../check.ts';
import { definitionLines } from '../clickhouse/definition-lines.ts';
import { comparableDefinition } from '../clickhouse/definition-text.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { reasonToDiffer, type ThingKind } from '../contract/allowed-differences.ts';
import type { Finding } from '../verdict.ts';
import { compareThings } from './compare-things.ts';
import { unifiedDifference } from './unified-difference.ts';

/** A table's definition on a node, as `system.tables.create_table_query` has it. */
export interface NodeDefinition {
  readonly node: string;
  readonly definition: string;
}

/**
 * The nodes' definitions of one table, `database.name`, against each other: what the contract does not
 * name must be alike as well, unless its `allow` says otherwise. Nothing where no node has the table.
 */
export function definitionAgreement(
  { contract }: ClusterContext,
  kind: ThingKind,
  name: string,
  definitions: readonly NodeDefinition[],
): Finding | undefined {
  const rows = definitions.map(({ node, definition }) => ({
    node,
    definition: comparableDefinition(definition),
  }));
  if (rows.length === 0) return undefined;
  const expected = 'one definition on all nodes, apart from macros';
  const [difference] = compareThings(
    rows.map(({ node, definition }) => ({
      ...{ node, things: [{ kind, name, definition: definitionLines(definition) }] },
    })),
  ).differences;
  if (difference === undefined) {
    return { status: 'passed', expected, observed: `one definition on ${rows.length} nodes` };
  }
  const { usual, odd } = difference;
  const versions = [usual, ...odd].map(({ nodes }) => nodes.join(' and '));
  const observed = `${versions.length} definitions: ${versions.join(' differ from ')}`;
  const shown = {
    expected,
    difference: odd
      .map(({ nodes: [node = ''] }) => unifiedDifference([difference], node))
      .join('\n'),
    evidence: [evidence('Definitions', rows)],
  };
  const allowed = reasonToDiffer(contract.allow, kind, name);
  if (allowed !== undefined) {
    return {
      ...shown,
      status: 'passed',
      observed: `${observed}, as the contract allows: ${allowed}`,
    };
  }
  const reason = 'Bring the nodes that differ to the right definition.';
  return { ...shown, status: 'failed', observed, reason };
}
