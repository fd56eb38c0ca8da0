import type { UserTable } from './user-tables.ts';
import {
  fullName,
  isPlainMergeTree,
  type DistributedTable,
  type NodeTables,
} from './write-paths.ts';

/** What a node of a shard has. */
export interface ShardNodeTables extends NodeTables {
  readonly node: string;
  readonly shard: string;
}

/** A table that does not replicate itself, on several replicas of a shard. */
export interface Unreplicated {
  /** `database.name` */
  readonly name: string;
  /** The nodes of such shards that have it. */
  readonly nodes: readonly {
    readonly node: string;
    readonly shard: string;
    readonly table: UserTable;
  }[];
  /** Why all replicas get its rows nevertheless; undefined if they do not. */
  readonly because: string | undefined;
  /** A Distributed table that may write to all of them, which the server does not show. */
  readonly unseen: string | undefined;
}

/** The tables without replication that several replicas of a shard have. */
export function unreplicatedOn(nodes: readonly ShardNodeTables[]): Unreplicated[] {
  const holdings = nodes.flatMap(({ node, shard, tables }) =>
    tables.filter(isPlainMergeTree).map((table) => ({ node, shard, table })),
  );
  const writers = writersOf(nodes);
  const written = writtenToAll(nodes, writers);
  return [...Map.groupBy(holdings, ({ table }) => fullName(table))]
    .map(([name, held]) => ({
      name,
      nodes: [...Map.groupBy(held, ({ shard }) => shard).values()]
        .filter((replicas) => replicas.length > 1)
        .flat(),
      because: written.get(name),
      unseen: writers.get(name)?.find(({ mode }) => mode === 'not shown')?.name,
    }))
    .filter((table) => table.nodes.length > 0)
    .sort((left, right) => left.name.localeCompare(right.name));
}

/** The Distributed tables by the tables below them; those that have one node a shard are for reading. */
const writersOf = (nodes: readonly ShardNodeTables[]): Map<string, DistributedTable[]> =>
  Map.groupBy(
    nodes.flatMap(({ distributed }) => distributed).filter(({ mode }) => mode !== 'no replicas'),
    ({ over }) => over,
  );

/** The tables whose rows come to every replica without replication, each with how. */
function writtenToAll(
  nodes: readonly ShardNodeTables[],
  writers: ReadonlyMap<string, readonly DistributedTable[]>,
): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  for (const [over, those] of writers) {
    // One that writes to one replica, even on one node, spoils what the others do.
    if (those.every(({ mode }) => mode === 'every replica')) {
      const names = new Set(those.map(({ name }) => name));
      reasons.set(over, `${[...names].sort().join(', ')} writes to every replica`);
    }
  }
  const tables = nodes.flatMap((node) => node.tables);
  const views = new Map(tables.map((table) => [fullName(table), table]));
  for (const view of tables.filter(isRefreshed)) {
    reasons.set(targetOf(view), `${fullName(view)} makes it on each node by itself`);
  }
  // Views of views follow, because a map gives what is added while it is gone through.
  for (const [source] of reasons) {
    const dependents = tables
      .filter((table) => fullName(table) === source)
      .flatMap(({ dependents }) => dependents);
    for (const name of new Set(dependents)) {
      const view = views.get(name);
      if (view === undefined || reasons.has(targetOf(view))) continue;
      reasons.set(targetOf(view), `${name} fills it on each replica from ${source}`);
    }
  }
  return reasons;
}

/** What comes before a view's name in that of the table that it made, on all nodes. */
const INNER = '.inner.';
const NAME = String.raw`(?:\x60(?:[^\x60\\]|\\.)+\x60|\w+)`;
const VIEW = String.raw`^CREATE MATERIALIZED VIEW (?:${NAME}\.)?${NAME}`;
const REFRESHED = RegExp(`${VIEW} REFRESH `);
const TO = RegExp(String.raw`${VIEW}(?: REFRESH [^(]*?)? TO (?:(${NAME})\.)?(${NAME})`);

const isRefreshed = ({ engine, definition }: UserTable): boolean =>
  engine === 'MaterializedView' && REFRESHED.test(definition);

/** The table that a materialized view writes to. */
function targetOf(view: UserTable): string {
  const [, database, name] = TO.exec(view.definition) ?? [];
  if (name === undefined) return `${view.database}.${INNER}${view.name}`;
  return `${database === undefined ? view.database : unquoted(database)}.${unquoted(name)}`;
}

const unquoted = (name: string): string =>
  name.startsWith('`') ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1') : name;
