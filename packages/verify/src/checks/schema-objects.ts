import type { ClusterCheck } from '../check.ts';
import { SERVER_DATABASES, USER_TABLES } from '../clickhouse/user-tables.ts';
import { stillnessOfStatements } from '../clickhouse/stillness.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';
import { tableThings } from '../inventory/table-things.ts';
import { withReplicatedPaths } from '../inventory/replicated-paths.ts';
import { settle } from '../settle.ts';

const SHOWING = ['SHOW', 'SHOW TABLES', 'SELECT', 'ALL'];

const sources: readonly Source[] = [
  {
    subject: 'databases',
    sql: `SELECT name, engine FROM system.databases WHERE name NOT IN ${SERVER_DATABASES}`,
    things: (rows) =>
      rows.map(({ name, engine }) => ({
        kind: 'database',
        name: String(name),
        definition: `ENGINE = ${String(engine)}`,
      })),
    visibleBy: { privileges: [...SHOWING, 'SHOW DATABASES'], grant: 'SHOW ON *.*' },
  },
  {
    subject: 'tables, views and dictionaries',
    ...USER_TABLES,
    things: tableThings,
    align: withReplicatedPaths,
    visibleBy: { privileges: SHOWING, grant: 'SHOW ON *.*' },
  },
  {
    subject: 'dictionaries of configuration files',
    sql: `SELECT name FROM system.dictionaries WHERE origin LIKE '/%'`,
    things: (rows) =>
      rows.map(({ name }) => ({
        kind: 'dictionary',
        name: String(name),
        definition: 'defined in a configuration file',
      })),
  },
];

export const schemaObjects: ClusterCheck = {
  name: 'schema-objects',
  title: 'Databases, tables, views and dictionaries are the same on all nodes',
  scope: 'cluster',
  proves:
    'Every node has the same databases, tables, views, materialized views and dictionaries with the ' +
    'same definitions, whether the contract names them or not; paths of replicated tables are the same ' +
    'within a shard. Dictionaries of configuration files are compared by name, and passwords not at all.',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, () => compareNodes(context, sources), {
      stillness: stillnessOfStatements(context),
    }),
};
