import type { ClusterContext } from '../src/check.ts';
import type { NodeClient } from '../src/clickhouse/cluster.ts';

/** A context whose replicas get little time to settle, for damage that stays. */
export const impatient = (context: ClusterContext): ClusterContext => withSettle(context, 0.1);

/** A context whose replicas get time enough to try again what failed, on old servers after up to 20 s. */
export const patient = (context: ClusterContext): ClusterContext => withSettle(context, 60);

const withSettle = (context: ClusterContext, settleSeconds: number): ClusterContext => ({
  ...context,
  contract: { ...context.contract, replicas: { settleSeconds } },
});

/** A context of a cluster that is verified without knowing what was loaded. */
export function withoutRun(context: ClusterContext): ClusterContext {
  const { expectedRows: _, ...rest } = context;
  return { ...rest, parameters: {} };
}

/**
 * A context in which the cluster is repaired as soon as a node has answered a statement like
 * `pattern` for the first time: the check's first look sees the damage, later ones do not.
 */
export function repairedAfter(
  context: ClusterContext,
  node: string,
  pattern: RegExp,
  repair: () => Promise<void>,
): ClusterContext {
  let repaired: Promise<void> | undefined;
  const observed = (client: NodeClient): NodeClient => ({
    ...client,
    async query(sql, row, withinMs) {
      const rows = await client.query(sql, row, withinMs);
      if (pattern.test(sql)) await (repaired ??= repair());
      return rows;
    },
  });
  const nodes = context.cluster.nodes.map((client) =>
    client.node.name === node ? observed(client) : client,
  );
  return { ...context, cluster: { ...context.cluster, nodes } };
}
