import { z } from 'zod';
import type { Guarantee, SoakedCluster } from './soaked-cluster.ts';
import { BATCH_ROWS, type Sent } from './workload.ts';

/** What has become of the rows of one table. */
export interface SoakAccount {
  readonly guarantee: Guarantee;
  readonly acknowledged: number;
  /** Acknowledged rows that no replica has. */
  readonly lost: number;
  /** Rows that are there more than once. */
  readonly doubled: number;
  /** Replicas whose content is not that of their shard's others. */
  readonly different: readonly string[];
}

const contentSchema = z.object({
  rows: z.coerce.number(),
  distinct: z.coerce.number(),
  hash: z.string(),
});
const idsSchema = z.object({ batch: z.coerce.number(), rows: z.coerce.number() });

/** Waits until every replica has fetched what it can, and accounts for every row. */
export async function accountOf(
  { clients, deployment }: SoakedCluster,
  guarantee: Guarantee,
  { acknowledged }: Sent,
): Promise<SoakAccount> {
  const table = `${guarantee}_local`;
  const contents = new Map<string, z.infer<typeof contentSchema>>();
  for (const [name, client] of clients) {
    await client.command({ query: `SYSTEM SYNC REPLICA ${table}` });
    const answer = await client.query({
      query: `SELECT count() AS rows, uniqExact(id) AS distinct,
                toString(sum(cityHash64(tuple(id, text, at)))) AS hash FROM ${table}`,
      format: 'JSONEachRow',
    });
    const [content] = z.array(contentSchema).parse(await answer.json());
    if (content !== undefined) contents.set(name, content);
  }
  const { nodes } = deployment.clickhouse;
  const different = nodes.filter(({ name, shard }) => {
    const first = nodes.find((other) => other.shard === shard);
    return contents.get(name)?.hash !== contents.get(first?.name ?? '')?.hash;
  });
  const [client] = clients.values();
  const answer = await client?.query({
    query: `SELECT intDiv(id, ${BATCH_ROWS}) AS batch, uniqExact(id) AS rows FROM ${guarantee} GROUP BY batch`,
    format: 'JSONEachRow',
  });
  const found = new Map(
    z
      .array(idsSchema)
      .parse(await answer?.json())
      .map(({ batch, rows }) => [batch, rows]),
  );
  const missing = [...acknowledged].map((batch) => BATCH_ROWS - (found.get(batch) ?? 0));
  const doubled = [...contents.values()].map(({ rows, distinct }) => rows - distinct);
  return {
    guarantee,
    acknowledged: acknowledged.size * BATCH_ROWS,
    lost: missing.reduce((sum, rows) => sum + rows, 0),
    doubled: doubled.reduce((sum, rows) => sum + rows, 0),
    different: different.map(({ name }) => name),
  };
}
