import type { ClusterCheck } from '../check.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';

/** https://clickhouse.com/docs/operations/workload-scheduling */
const sources: readonly Source[] = [
  {
    subject: 'workloads',
    sql: 'SELECT name, create_query FROM system.workloads',
    things: (rows) =>
      rows.map(({ name, create_query: query }) => ({
        ...{ kind: 'workload', name: String(name), definition: String(query) },
      })),
  },
  {
    subject: 'resources',
    sql: 'SELECT name, create_query FROM system.resources',
    things: (rows) =>
      rows.map(({ name, create_query: query }) => ({
        ...{ kind: 'resource', name: String(name), definition: String(query) },
      })),
  },
];

export const workloads: ClusterCheck = {
  name: 'workloads',
  title: 'Workloads and resources are the same on all nodes',
  scope: 'cluster',
  proves:
    'Every node has the same workloads and resources of workload scheduling, with the same text, so ' +
    'that a query gets the same share of CPU, disks and memory wherever it is sent.',
  run: (context) => compareNodes(context, sources),
};
