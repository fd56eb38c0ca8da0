import { z } from 'zod';
import { quoteText, type NodeClient } from './cluster.ts';
import { coordinationRows } from './coordination-rows.ts';

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
  const entries = await childrenOf(client, queue);
  return Promise.all(
    entries
      .filter(({ name }) => name.startsWith('query-'))
      .slice(-newest)
      .map((entry) => readEntry(client, queue, entry)),
  );
}

const childrenOf = (client: NodeClient, path: string): Promise<Child[]> =>
  coordinationRows(
    client,
    `SELECT name, value, numChildren FROM system.zookeeper
     WHERE path = ${quoteText(path)} ORDER BY name`,
    childRow,
  );

async function readEntry(
  client: NodeClient,
  queue: string,
  { name, value, numChildren }: Child,
): Promise<DdlEntry> {
  const path = `${queue}/${name}`;
  // The first host that takes an entry up makes the folders in it.
  const folders = numChildren === 0 ? [] : await childrenOf(client, path);
  const filled = (folder: string): boolean =>
    folders.some((child) => child.name === folder && child.numChildren > 0);
  const [active = [], finished = []] = await Promise.all(
    ['active', 'finished'].map((folder) =>
      filled(folder) ? childrenOf(client, `${path}/${folder}`) : [],
    ),
  );
  return {
    name,
    ...parseEntry(value),
    active: active.map((host) => host.name),
    finished: new Map(finished.map((host) => [host.name, host.value])),
  };
}

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
