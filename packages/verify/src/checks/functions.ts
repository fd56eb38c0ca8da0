import type { ClusterCheck } from '../check.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';

/** https://clickhouse.com/docs/operations/system-tables/functions */
const userDefined: Source = {
  subject: 'user-defined functions',
  sql: `SELECT name, origin, create_query FROM system.functions WHERE origin != 'System'`,
  things: (rows) =>
    rows.map(({ name, origin, create_query: query }) => ({
      kind: 'function',
      name: String(name),
      definition: String(query) || `${String(origin)}, defined in the configuration`,
    })),
};

export const functions: ClusterCheck = {
  name: 'functions',
  title: 'User-defined functions are the same on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Every node has the same functions that CREATE FUNCTION made, with the same text, and executable ' +
    'functions of the same names. What an executable function’s program does is not compared.',
  run: (context) => compareNodes(context, [userDefined]),
};
