import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import type { NodeContent } from '../account.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { KnownLoss } from '../known-loss.ts';

/** A loss that a known fault of the engine explains. */
export interface ExplainedLoss {
  readonly loss: KnownLoss;
  /** Parts that the servers have given up, over all shards. */
  readonly lostParts: number;
  /** What the servers' logs say of them; empty where their logs cannot be read. */
  readonly words: readonly string[];
}

/** Batches that were under way while the fault lasted: from the first one to before `end`. */
export interface Endangered {
  readonly first: number;
  readonly end: number;
}

export interface LostRows {
  readonly table: string;
  readonly contents: readonly NodeContent[];
  readonly endangered: Endangered;
  readonly batchRows: number;
}

const replicaRow = z.object({ lost: z.coerce.number(), busy: z.coerce.number() });
/** How ClickHouse's log says that it has given a part up (ReplicatedMergeTreePartCheckThread). */
const GIVEN_UP = /Part \S+ is lost forever|Going to replace lost part \S+ with empty part/;

/**
 * The explanation of lost rows: the platform's engine has the fault that the drill provokes, all lost
 * rows were sent while it lasted, the shards that lack them have nothing left to fetch, and they count
 * lost parts themselves (`lost_part_count` in `system.replicas`). Nothing when one of these is not so.
 * @throws QueryError
 */
export async function explainLoss(
  target: DrillTarget,
  loss: KnownLoss,
  { table, contents, endangered, batchRows }: LostRows,
): Promise<ExplainedLoss | undefined> {
  const batches = contents.flatMap(({ missing }) => missing.map((id) => Number(id) / batchRows));
  const outside = batches.some((batch) => batch < endangered.first || batch >= endangered.end);
  if (batches.length === 0 || outside || !(await loss.isIn(target, table))) return undefined;
  const lacking = contents.filter(({ missing }) => missing.length > 0).map(({ node }) => node);
  const shards = new Map<string, number>();
  for (const name of lacking) {
    const client = target.cluster.node(name);
    const replica = await stateOfReplica(client, target, table);
    if (replica === undefined || replica.busy > 0 || replica.lost === 0) return undefined;
    shards.set(client.node.shard, replica.lost);
  }
  const lostParts = [...shards.values()].reduce((sum, lost) => sum + lost, 0);
  return { loss, lostParts, words: await wordsOf(target, table) };
}

async function stateOfReplica(
  client: NodeClient,
  { deployment }: DrillTarget,
  table: string,
): Promise<z.infer<typeof replicaRow> | undefined> {
  const sql = `SELECT lost_part_count AS lost, queue_size + is_readonly AS busy FROM system.replicas
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND table = ${quoteText(table)}`;
  const [row] = await client.query(sql, replicaRow);
  return row;
}

/** Lines of the nodes' logs on parts of the table that they have given up. */
async function wordsOf({ runtime, cluster }: DrillTarget, table: string): Promise<string[]> {
  const logs = await Promise.all(
    cluster.nodes.map(async ({ node: { name } }) => {
      const file = join(runtime.directory, 'logs', `${name}.server.log`);
      const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
      return lines
        .filter((line) => line.includes(table) && GIVEN_UP.test(line))
        .map((line) => `${name}: ${line.slice(0, 300)}`);
    }),
  );
  return logs.flat();
}
