import { LITERAL } from '../clickhouse/sql-tokens.ts';
import type { NodeThings } from './compare-things.ts';
import type { ShardNodeThings } from './source.ts';

/** A replicated engine in a definition, with its path in coordination and the replica's name. */
export const REPLICATED_ENGINE = RegExp(
  String.raw`((?:Replicated|Shared)\w*MergeTree\()(${LITERAL}),\s*${LITERAL}`,
);

/** What the macros of a path stand for on a node. */
export interface PathMacros {
  readonly shard: string;
  readonly database: string;
  readonly name: string;
  /** Absent in old servers. */
  readonly uuid: string | undefined;
}

/** A path in coordination as it is on a node; macros that only the node knows stay as they are. */
export const expandedPath = (path: string, { shard, database, name, uuid }: PathMacros): string =>
  path
    .replaceAll('{shard}', shard)
    .replaceAll('{database}', database)
    .replaceAll('{table}', name)
    .replaceAll('{uuid}', uuid ?? '{uuid}');

const SHARED = "'{path of the shard}'";

/**
 * Leaves out the paths of replicated tables where the nodes of each shard have the same, so that shards
 * may have different ones. Where they differ within a shard its replicas never meet, and the paths stay.
 */
export function withReplicatedPaths(nodes: readonly ShardNodeThings[]): readonly NodeThings[] {
  const paths = new Map<string, Set<string>>();
  for (const { shard, things } of nodes) {
    for (const { name, definition } of things) {
      const [, , path] = REPLICATED_ENGINE.exec(definition) ?? [];
      if (path === undefined) continue;
      const key = `${name} ${shard}`;
      paths.set(key, (paths.get(key) ?? new Set()).add(path));
    }
  }
  const shards = [...new Set(nodes.map(({ shard }) => shard))];
  const agreed = (name: string): boolean =>
    shards.every((shard) => (paths.get(`${name} ${shard}`)?.size ?? 0) <= 1);
  return nodes.map(({ node, things }) => ({
    node,
    things: things.map((thing) =>
      agreed(thing.name)
        ? {
            ...thing,
            definition: thing.definition.replace(REPLICATED_ENGINE, `$1${SHARED}, '{replica}'`),
          }
        : thing,
    ),
  }));
}
