import type { ClusterCheck } from '../check.ts';
import type { ThingKind } from '../contract/allowed-differences.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';

/** Where a node has its files, listens and is reached by the others. */
const OF_A_NODE =
  /^(?:(?:.*[._])?(?:path|host|port)|display_name|config-file|include_from|hdfs\.libhdfs3_conf|license_file|logger\.(?:log|errorlog)|openSSL\..*(?:File|caConfig))$/;

/** Paths in coordination, which are for all nodes. */
const OF_ALL_NODES = /^(?:distributed_ddl\..*|default_replica_path|series_keeper_path)$/;

const changed = (kind: ThingKind, subject: string, sql: string): Source => ({
  subject,
  sql,
  things: (rows) =>
    rows.map(({ name, value }) => ({
      kind,
      name: String(name),
      definition: `${String(name)} = ${String(value)}`,
    })),
});

const sources: readonly Source[] = [
  {
    /** https://clickhouse.com/docs/operations/system-tables/server_settings */
    ...changed(
      'server-setting',
      'server settings',
      'SELECT name, value FROM system.server_settings WHERE changed',
    ),
    ownReason: (name) =>
      OF_A_NODE.test(name) && !OF_ALL_NODES.test(name)
        ? 'a path or an address, which each node has of its own'
        : undefined,
  },
  changed(
    'merge-tree-setting',
    'settings of MergeTree tables',
    'SELECT name, value FROM system.merge_tree_settings WHERE changed',
  ),
  changed(
    'merge-tree-setting',
    'settings of replicated tables',
    `SELECT name, value FROM system.replicated_merge_tree_settings
     WHERE changed AND (name, value) NOT IN
       (SELECT name, value FROM system.merge_tree_settings WHERE changed)`,
  ),
  changed(
    'setting',
    'settings of the account’s sessions',
    'SELECT name, value FROM system.settings WHERE changed',
  ),
];

export const serverSettings: ClusterCheck = {
  name: 'server-settings',
  title: 'Settings that were changed are the same on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Settings of the servers, of MergeTree tables and of the account’s sessions that are not at their ' +
    'defaults have the same values on every node; paths and addresses are each node’s own. Elements of ' +
    'the configuration that no system table shows are not compared.',
  run: (context) => compareNodes(context, sources),
};
