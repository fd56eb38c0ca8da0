import { z } from 'zod';
import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterContext } from '../check.ts';
import type { Answer } from './ask-nodes.ts';
import type { NodeClient } from './cluster.ts';
import { coordinationRows } from './coordination-rows.ts';
import type { Replica } from './replicated.ts';

/** A replica that coordination knows and no node of the deployment has. */
export interface StrayReplica {
  readonly name: string;
  /** Whether some server holds it now. */
  readonly active: boolean;
}

type Strays = readonly [path: string, strays: readonly StrayReplica[]];

const nameRow = z.object({ name: z.string() });

/** The replicas that are registered and on no node, by the path that they have in common. */
export async function straysByPath(
  { cluster }: ClusterContext,
  answers: readonly Answer<readonly { readonly replica: Replica }[]>[],
): Promise<ReadonlyMap<string, readonly StrayReplica[]>> {
  const placed = answers.flatMap(({ client, value }) =>
    value.map(({ replica }) => ({ client, replica })),
  );
  const paths = Map.groupBy(placed, ({ replica }) => replica.zookeeper_path);
  const found = [...paths].map(async ([path, replicas]): Promise<Strays> => {
    const [first] = replicas;
    const total = Math.max(...replicas.map(({ replica }) => replica.total_replicas));
    if (first === undefined || total <= replicas.length) return [path, []];
    // A node that could not be asked has the replica that its macro names.
    const unasked = cluster.nodes.filter(
      ({ node }) => !answers.some((answer) => answer.node === node.name),
    );
    const known = [
      ...replicas.map(({ replica }) => replica.replica_name),
      ...unasked.map(({ node }) => node.replica),
    ];
    return [path, await straysOf(first.client, path, known)];
  });
  return new Map(await Promise.all(found));
}

/** What is registered below a path besides the known ones; nothing where coordination does not answer. */
async function straysOf(
  client: NodeClient,
  path: string,
  known: readonly string[],
): Promise<StrayReplica[]> {
  try {
    const registered = await childrenOf(client, `${path}/replicas`);
    const strays = registered.filter((name) => !known.includes(name));
    return await Promise.all(
      strays.map(async (name) => {
        const entries = await childrenOf(client, `${path}/replicas/${name}`);
        return { name, active: entries.includes('is_active') };
      }),
    );
  } catch (error) {
    // That coordination does not answer is for the checks of it to say: the number of replicas is known.
    if (error instanceof QueryError) return [];
    throw error;
  }
}

async function childrenOf(client: NodeClient, path: string): Promise<string[]> {
  const sql = `SELECT name FROM system.zookeeper WHERE path = ${quoteText(path)} ORDER BY name`;
  return (await coordinationRows(client, sql, nameRow)).map(({ name }) => name);
}

/** What to do about replicas that are registered and on no node. */
export function strayAdvice(
  table: string,
  { zookeeper_path: path }: Pick<Replica, 'zookeeper_path'>,
  strays: readonly StrayReplica[],
): string {
  const active = strays.filter((stray) => stray.active).map(({ name }) => name);
  const gone = strays.filter((stray) => !stray.active).map(({ name }) => name);
  return [
    ...(gone.length === 0
      ? []
      : [
          `If the server of ${gone.join(', ')} does not come back: ${gone.map((name) => `SYSTEM DROP REPLICA ${quoteText(name)} FROM TABLE ${table}`).join('; ')} on one of the others (servers without it: remove ${gone.map((name) => `${path}/replicas/${name}`).join(', ')} from coordination).`,
        ]),
    ...(active.length === 0
      ? []
      : [
          `${active.join(', ')} is held by a server that the deployment does not name: name it, or make that server drop its table.`,
        ]),
  ].join(' ');
}
