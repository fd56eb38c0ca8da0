import type { ThingKind } from '../contract/allowed-differences.ts';

/** One thing that a node has, such as a table or a setting that was changed. */
export interface Thing {
  readonly kind: ThingKind;
  readonly name: string;
  /** What it is, in lines. */
  readonly definition: string;
}

/** What one node has. */
export interface NodeThings {
  readonly node: string;
  readonly things: readonly Thing[];
}

/** The nodes that have a thing in one form; without a definition those that do not have it. */
export interface Version {
  readonly nodes: readonly string[];
  readonly definition: string | undefined;
}

/** A thing that is not the same on all nodes. */
export interface Difference {
  readonly kind: ThingKind;
  readonly name: string;
  /** What most nodes have. */
  readonly usual: Version;
  /** What the others have. */
  readonly odd: readonly Version[];
  /** Whether as many nodes have another version as have the usual one. */
  readonly tied: boolean;
}

export interface Comparison {
  /** How many things are the same on all nodes. */
  readonly alike: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares what nodes have, each thing with the thing of its kind and name on every other node. Where
 * no version is on most nodes, one that is there is taken before its absence, and then that of the
 * first node.
 */
export function compareThings(nodes: readonly NodeThings[]): Comparison {
  const keys = new Map(
    nodes.flatMap(({ things }) => things).map((thing) => [keyOf(thing), thing] as const),
  );
  const indexes = nodes.map(({ node, things }) => ({
    node,
    byKey: Map.groupBy(things, keyOf),
  }));
  const compared = [...keys]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, { kind, name }]) => {
      const byDefinition = Map.groupBy(indexes, ({ byKey }) => definitionOf(byKey.get(key)));
      const [usual, ...odd] = [...byDefinition]
        .map(([definition, having]): Version => ({
          definition,
          nodes: having.map(({ node }) => node),
        }))
        .sort(
          (left, right) => right.nodes.length - left.nodes.length || absent(left) - absent(right),
        );
      return { kind, name, usual, odd };
    });
  const differences = compared.flatMap(({ usual, odd, ...about }): Difference[] =>
    usual === undefined || odd.length === 0
      ? []
      : [{ ...about, usual, odd, tied: odd[0]?.nodes.length === usual.nodes.length }],
  );
  return { alike: compared.length - differences.length, differences };
}

const absent = ({ definition }: Version): number => (definition === undefined ? 1 : 0);

const keyOf = ({ kind, name }: Thing): string => `${kind} ${name}`;

/** Several things of one name, such as the limits of a quota, count as one. */
const definitionOf = (things: readonly Thing[] | undefined): string | undefined =>
  things
    ?.map(({ definition }) => definition)
    .sort()
    .join('\n');
