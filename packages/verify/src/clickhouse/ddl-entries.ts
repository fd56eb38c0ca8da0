import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { rowsBelow } from './coordination-rows.ts';

/** A statement for all nodes, and what they made of it. Hosts are like `127%2E0%2E0%2E1:9000`. */
export interface DdlEntry {
  /** Such as `query-0000000007`. */
  readonly name: string;
  readonly query: string;
  /** Those that must execute it. */
  readonly hosts: readonly string[];
  /** Those that are executing it. */
  readonly active: readonly string[];
  /** What each host that has executed it wrote: `0` when all went well, or an error. */
  readonly finished: ReadonlyMap<string, string>;
}

const childRow = z.object({
  path: z.string(),
  name: z.string(),
  value: z.string(),
  numChildren: z.coerce.number(),
});
type Child = z.infer<typeof childRow>;

/**
 * The newest statements of a queue ON CLUSTER, in their order.
 * @throws QueryError
 */
export async function ddlEntries(
  client: NodeClient,
  queue: string,
  newest: number,
): Promise<DdlEntry[]> {
  const slash = queue.lastIndexOf('/');
  const beside = await childrenOf(client, queue.slice(0, slash) || '/');
  // The first statement makes the queue.
  if (!beside.some(({ name }) => name === queue.slice(slash + 1))) return [];
  const entries = (await childrenOf(client, queue))
    .filter(({ name }) => name.startsWith('query-'))
    .slice(-newest);
  // The first host that takes an entry up makes the folders in it.
  const folders = await childrenOfAll(client, filled(entries));
  const hosts = Map.groupBy(
    await childrenOfAll(
      client,
      filled(folders.filter(({ name }) => name === 'active' || name === 'finished')),
    ),
    ({ path }) => path,
  );
  return entries.map(({ path, name, value }) => ({
    name,
    ...parseEntry(value),
    active: (hosts.get(`${path}/${name}/active`) ?? []).map((host) => host.name),
    finished: new Map(
      (hosts.get(`${path}/${name}/finished`) ?? []).map((host) => [host.name, host.value]),
    ),
  }));
}

/** The paths of those that have children. */
const filled = (children: readonly Child[]): string[] =>
  children.filter(({ numChildren }) => numChildren > 0).map(({ path, name }) => `${path}/${name}`);

const childrenOf = (client: NodeClient, path: string): Promise<Child[]> =>
  childrenOfAll(client, [path]);

const childrenOfAll = (client: NodeClient, paths: readonly string[]): Promise<Child[]> =>
  rowsBelow(
    client,
    paths,
    (condition) => `SELECT path, name, value, numChildren FROM system.zookeeper
     WHERE ${condition} ORDER BY path, name`,
    childRow,
  );

/** Reads the lines `query:`, in which quotes and line ends are escaped once more, and `hosts:`. */
function parseEntry(text: string): Pick<DdlEntry, 'query' | 'hosts'> {
  const query = /^query: (.*)$/m.exec(text)?.[1] ?? '';
  const hosts = /^hosts: \[(.*)\]$/m.exec(text)?.[1] ?? '';
  return {
    query: query.replaceAll(/\\(.)/g, (_, character: string) =>
      character === 'n' ? '\n' : character,
    ),
    hosts: [...hosts.matchAll(/'([^']*)'/g)].map(([, host = '']) => host),
  };
}
