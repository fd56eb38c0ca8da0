import type { ClusterCheck } from '../check.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import { propertiesOf, type Source } from '../inventory/source.ts';

/** What each node's disk has of its own. */
const OF_A_NODE = ['path', 'cache_path', 'free_space', 'total_space', 'unreserved_space'];

const sources: readonly Source[] = [
  {
    /** https://clickhouse.com/docs/operations/system-tables/storage_policies */
    subject: 'storage policies',
    sql: 'SELECT * FROM system.storage_policies',
    things: (rows) =>
      rows.map((row) => ({
        kind: 'storage-policy',
        name: String(row['policy_name']),
        definition: `volume ${String(row['volume_name'])}: ${propertiesOf(row, ['policy_name', 'volume_name']).replaceAll('\n', ', ')}`,
      })),
  },
  {
    /** https://clickhouse.com/docs/operations/system-tables/disks */
    subject: 'disks',
    sql: 'SELECT * FROM system.disks',
    things: (rows) =>
      rows.map((row) => ({
        kind: 'disk',
        name: String(row['name']),
        definition: propertiesOf(row, ['name', ...OF_A_NODE]),
      })),
  },
];

export const storagePolicies: ClusterCheck = {
  name: 'storage-policies',
  title: 'Storage policies and disks are the same on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Every node has the same storage policies, with the same volumes, disks and limits, and disks of ' +
    'the same kind, none of them broken. Paths and sizes are each node’s own.',
  run: (context) => compareNodes(context, sources),
};
