import type { ClusterCheck } from '../check.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';

/** https://clickhouse.com/docs/operations/workload-scheduling */
const sourceOf = (kind: 'workload' | 'resource'): Source => ({
  subject: `${kind}s`,
  sql: `SELECT name, create_query FROM system.${kind}s`,
  things: (rows) =>
    rows.map(({ name, create_query: query }) => ({
      ...{ kind, name: String(name), definition: String(query) },
    })),
});

export const workloads: ClusterCheck = {
  name: 'workloads',
  title: 'Workloads and resources are the same on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Every node has the same workloads and resources of workload scheduling, with the same text, so ' +
    'that a query gets the same share of CPU, disks and memory wherever it is sent.',
  run: (context) => compareNodes(context, [sourceOf('workload'), sourceOf('resource')]),
};
