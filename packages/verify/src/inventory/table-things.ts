import type { NodeClient } from '../clickhouse/cluster.ts';
import { definitionLines } from '../clickhouse/definition-lines.ts';
import type { SystemRow } from '../clickhouse/system-rows.ts';
import { userTablesIn, type UserTable } from '../clickhouse/user-tables.ts';
import type { ThingKind } from '../contract/allowed-differences.ts';
import type { Thing } from './compare-things.ts';
import { expandedPath, REPLICATED_ENGINE } from './replicated-paths.ts';

const KINDS: Readonly<Record<string, ThingKind>> = {
  View: 'view',
  LiveView: 'view',
  WindowView: 'view',
  MaterializedView: 'materialized-view',
  Dictionary: 'dictionary',
};

/**
 * What the rows of `system.tables` describe, without what each node has of its own: UUIDs, and the
 * names of inner tables that are made of them.
 */
export const tableThings = (rows: readonly SystemRow[], { node }: NodeClient): Thing[] =>
  userTablesIn(rows).map((table) => ({
    kind: KINDS[table.engine] ?? 'table',
    name: `${table.database}.${table.commonName}`,
    definition: definitionLines(comparable(table, node.shard)),
  }));

const comparable = (table: UserTable, shard: string): string =>
  table.definition
    .replace(`\`${table.name}\``, () => `\`${table.commonName}\``)
    .replace(/ UUID '[\da-f-]{36}'/, '')
    .replace(
      REPLICATED_ENGINE,
      (_, engine: string, path: string) =>
        `${engine}${expandedPath(path, { ...table, shard })}, '{replica}'`,
    );
