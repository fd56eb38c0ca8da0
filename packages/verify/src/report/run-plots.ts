import { z } from 'zod';
import type { PlatformContext } from '../check.ts';
import { quoteText, tableName } from '../clickhouse/cluster.ts';
import { distributedTables } from '../contract/contract.ts';
import { rowsPerNode } from './plots/rows-per-node.ts';
import { rowsPerPartition } from './plots/rows-per-partition.ts';
import { renderPlot } from './plots/render-plot.ts';
import { taskTimeline } from './plots/task-timeline.ts';
import { topologyPlot } from './plots/topology.ts';

/** A picture that belongs to a check. */
export interface RunPlot {
  readonly title: string;
  readonly svg: string;
}

type MakePlot = (context: PlatformContext) => Promise<readonly RunPlot[]>;

/** The pictures of the run by the check that they belong to. */
const PLOTS: Readonly<Record<string, MakePlot>> = {
  'cluster-topology': drawTopology,
  'run-outcome': drawTasks,
  'shard-rows': drawRowsPerNode,
  partitions: drawRowsPerPartition,
};

/** Draws the pictures that belong to the check; none for most. @throws QueryError */
export const plotsOf = (check: string, context: PlatformContext): Promise<readonly RunPlot[]> =>
  PLOTS[check]?.(context) ?? Promise.resolve([]);

async function drawTopology({ deployment }: PlatformContext): Promise<readonly RunPlot[]> {
  const { cluster, nodes } = deployment.clickhouse;
  const places = nodes.map(({ name, shard, replica }) => ({ node: name, shard, replica }));
  return [{ title: 'Topology', svg: await renderPlot(topologyPlot(cluster, places)) }];
}

async function drawTasks({ run }: PlatformContext): Promise<readonly RunPlot[]> {
  const spans = run.tasks.flatMap(({ taskId, state, startedAt, endedAt }) =>
    startedAt === undefined || endedAt === undefined
      ? []
      : [{ task: taskId, state: state ?? 'none', start: startedAt, end: endedAt }],
  );
  const queued = run.queuedAt ?? run.startedAt ?? spans[0]?.start;
  if (queued === undefined) return [];
  return [{ title: 'Tasks of the run', svg: await renderPlot(taskTimeline(spans, queued)) }];
}

const countRow = z.object({ rows: z.coerce.number() });

async function drawRowsPerNode(context: PlatformContext): Promise<readonly RunPlot[]> {
  const { deployment, contract, cluster } = context;
  return Promise.all(
    distributedTables(contract).map(async ({ table, local }) => {
      const sql = `SELECT count() AS rows FROM ${tableName(deployment, local.name)}`;
      const nodes = await Promise.all(
        cluster.nodes.map(async ({ node, query }) => {
          const [counted] = await query(sql, countRow);
          return { ...node, node: node.name, rows: counted?.rows ?? 0 };
        }),
      );
      const shards = new Set(nodes.map(({ shard }) => shard)).size;
      const firsts = new Map(nodes.toReversed().map(({ shard, rows }) => [shard, rows]));
      const whole = [...firsts.values()].reduce((sum, rows) => sum + rows, 0);
      const expected = nodes.map((node) => ({ ...node, expected: whole / shards }));
      return { title: `Rows of ${table.name}`, svg: await renderPlot(rowsPerNode(expected)) };
    }),
  );
}

const partitionRow = z.object({ partition: z.string(), rows: z.coerce.number() });

async function drawRowsPerPartition(context: PlatformContext): Promise<readonly RunPlot[]> {
  const { deployment, contract, cluster } = context;
  return Promise.all(
    distributedTables(contract).map(async ({ local }) => {
      const sql = `SELECT partition, sum(rows) AS rows FROM system.parts
        WHERE active AND database = ${quoteText(deployment.clickhouse.database)}
          AND table = ${quoteText(local.name)}
        GROUP BY partition ORDER BY partition`;
      const parts = await Promise.all(
        cluster.nodes.map(async ({ node, query }) =>
          (await query(sql, partitionRow)).map((row) => ({ ...row, node: node.name })),
        ),
      );
      const svg = await renderPlot(rowsPerPartition(parts.flat()));
      return { title: `Rows of ${local.name} by partition`, svg };
    }),
  );
}
