import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';

/** The ports of a member, as it says itself. */
export interface MemberPorts {
  readonly http: number;
  readonly native: number;
}

const portsRow = z.object({
  position: z.coerce.number(),
  http: z.coerce.number(),
  native: z.coerce.number(),
});

/**
 * The ports of a cluster's members by their positions, from 1 on, in the order of shards and
 * replicas. The members are asked through the cluster: `clusterAllReplicas` takes each of them for
 * a shard (https://clickhouse.com/docs/sql-reference/table-functions/cluster). None where that is
 * not allowed, or the server cannot do it.
 */
export async function askPorts(
  client: Pick<NodeClient, 'query'>,
  cluster: string,
  secure: boolean,
): Promise<ReadonlyMap<number, MemberPorts>> {
  const [http, native] = secure ? ['https_port', 'tcp_port_secure'] : ['http_port', 'tcp_port'];
  const sql = `SELECT _shard_num AS position, getServerPort('${http}') AS http, getServerPort('${native}') AS native
    FROM clusterAllReplicas(${quoteText(cluster)}, system.one)`;
  // Without members that are down, if the account may say so.
  const rows = await client
    .query(sql, portsRow, undefined, { skip_unavailable_shards: 1 })
    .catch(() => client.query(sql, portsRow))
    .catch((error: unknown) => {
      if (error instanceof QueryError) return [];
      throw error;
    });
  return new Map(rows.map(({ position, ...ports }) => [position, ports]));
}
