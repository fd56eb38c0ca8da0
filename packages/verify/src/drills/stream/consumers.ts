import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { DrillTarget } from '../drill-target.ts';
import { STREAM } from './event-stream.ts';

/** A partition that a node reads. */
export interface Assignment {
  readonly node: string;
  readonly partition: number;
  /** Where the node reads next; negative where it has read nothing since it has the partition. */
  readonly offset: number;
}

const row = z.object({ partition: z.coerce.number(), offset: z.coerce.number() });

/** The partitions of the topic, as the nodes that answer have them. */
export async function assignmentsOf({
  cluster,
  deployment,
}: Pick<DrillTarget, 'cluster' | 'deployment'>): Promise<readonly Assignment[]> {
  const sql = `SELECT partition, offset FROM system.kafka_consumers
    ARRAY JOIN assignments.partition_id AS partition, assignments.current_offset AS offset
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND table = ${quoteText(STREAM.queue)}`;
  const found = await Promise.all(
    cluster.nodes.map(async (client) =>
      (await client.query(sql, row).catch(() => [])).map((assignment) => ({
        node: client.node.name,
        ...assignment,
      })),
    ),
  );
  return found.flat();
}
