import type { TopLevelSpec } from 'vega-lite';
import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { Check, PlatformContext } from '../check.ts';
import { clusterTopology } from '../checks/cluster-topology.ts';
import { partitions } from '../checks/partitions.ts';
import { runOutcome } from '../checks/run-outcome.ts';
import { shardRows } from '../checks/shard-rows.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { distributedTables } from '../contract/contract.ts';
import type { DrawnPictures } from './check-allure.ts';
import type { Picture } from './check-description.ts';
import { renderPlot } from './plots/render-plot.ts';
import { rowsPerNode } from './plots/rows-per-node.ts';
import { rowsPerPartition } from './plots/rows-per-partition.ts';
import { taskTimeline } from './plots/task-timeline.ts';
import { topologyPlot } from './plots/topology.ts';

/** A picture that belongs to a check, with its data and not yet drawn. */
export interface RunPlot {
  readonly title: string;
  readonly plot: TopLevelSpec;
}

/** The pictures of a check, or why what they show could not be asked for. */
export type AskedPlots = PromiseSettledResult<readonly RunPlot[]>;

type AskForPlots = (context: PlatformContext) => readonly RunPlot[] | Promise<readonly RunPlot[]>;

/** The pictures of the run by the check that they belong to. */
const PLOTS = new Map<string, AskForPlots>([
  [clusterTopology.name, topologyOf],
  [runOutcome.name, tasksOf],
  [shardRows.name, rowsPerNodeOf],
  [partitions.name, rowsPerPartitionOf],
]);

/**
 * Asks for what the pictures of the checks show, by the checks' names. It is asked for at once, because
 * what is drawn later must be what the verdicts are on.
 */
export async function askForPlots(
  checks: readonly Pick<Check, 'name'>[],
  context: PlatformContext,
): Promise<ReadonlyMap<string, AskedPlots>> {
  const asked = await Promise.allSettled(
    checks.map(async ({ name }) => (await PLOTS.get(name)?.(context)) ?? []),
  );
  return new Map(asked.map((plots, index) => [checks[index]?.name ?? '', plots]));
}

/** Draws what was asked for. What pictures show may be just what is broken: then the error is kept. */
export async function drawPlots(
  asked: ReadonlyMap<string, AskedPlots>,
): Promise<ReadonlyMap<string, DrawnPictures>> {
  const drawn = await Promise.allSettled([...asked.values()].map(draw));
  const names = [...asked.keys()];
  return new Map(drawn.map((pictures, index) => [names[index] ?? '', pictures]));
}

async function draw(plots: AskedPlots): Promise<readonly Picture[]> {
  if (plots.status === 'rejected') throw plots.reason;
  return Promise.all(
    plots.value.map(async ({ title, plot }) => ({ title, svg: await renderPlot(plot) })),
  );
}

function topologyOf({ deployment }: PlatformContext): readonly RunPlot[] {
  const { cluster, nodes } = deployment.clickhouse;
  const places = nodes.map(({ name, shard, replica }) => ({ node: name, shard, replica }));
  return [{ title: 'Topology', plot: topologyPlot(cluster, places) }];
}

function tasksOf({ run }: PlatformContext): readonly RunPlot[] {
  const spans = run.tasks.flatMap(({ taskId, state, startedAt, endedAt }) =>
    startedAt === undefined || endedAt === undefined
      ? []
      : [{ task: taskId, state: state ?? 'none', start: startedAt, end: endedAt }],
  );
  const queued = run.queuedAt ?? run.startedAt ?? spans[0]?.start;
  if (queued === undefined) return [];
  return [{ title: 'Tasks of the run', plot: taskTimeline(spans, queued) }];
}

const countRow = z.object({ rows: z.coerce.number() });

async function rowsPerNodeOf(context: PlatformContext): Promise<readonly RunPlot[]> {
  const { deployment, contract, cluster } = context;
  return Promise.all(
    distributedTables(contract).map(async ({ table, local }) => {
      const sql = `SELECT count() AS rows FROM ${qualifiedName(deployment, local)}`;
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
      return { title: `Rows of ${table.name}`, plot: rowsPerNode(expected) };
    }),
  );
}

const partitionRow = z.object({ partition: z.string(), rows: z.coerce.number() });

async function rowsPerPartitionOf(context: PlatformContext): Promise<readonly RunPlot[]> {
  const { deployment, contract, cluster } = context;
  return Promise.all(
    distributedTables(contract).map(async ({ local }) => {
      const sql = `SELECT partition, sum(rows) AS rows FROM system.parts
        WHERE active AND database = ${quoteText(databaseOf(deployment, local))}
          AND table = ${quoteText(local.name)}
        GROUP BY partition ORDER BY partition`;
      const parts = await Promise.all(
        cluster.nodes.map(async ({ node, query }) =>
          (await query(sql, partitionRow)).map((row) => ({ ...row, node: node.name })),
        ),
      );
      const title = `Rows of ${local.name} by partition`;
      return { title, plot: rowsPerPartition(parts.flat()) };
    }),
  );
}
