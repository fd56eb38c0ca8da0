import { z } from 'zod';
import type { ColumnProperties, Contract, LocalTable, Table, View } from './contract.ts';
import { allowedDifferencesSchema } from './allowed-differences.ts';
import { connectionSchema, pipelineSchema } from './pipeline.ts';
import { version1Tables, version2Tables } from './tables.ts';
import { waiverSchema } from './waivers.ts';

const shared = {
  pipeline: pipelineSchema.optional(),
  connections: z.record(z.string(), connectionSchema).default({}),
  /** What may differ between nodes. */
  allow: allowedDifferencesSchema.default([]),
};

const settle = z.strictObject({ settleSeconds: z.number().min(0).max(3600) });

/** Version 1, in which each table says everything. */
export const version1Schema = z.strictObject({
  version: z.literal(1),
  ...shared,
  tables: z.array(version1Tables).min(1),
  replicas: settle,
});

/** Version 2, in which nothing is required that is not said. */
export const version2Schema = z.strictObject({
  version: z.literal(2),
  ...shared,
  tables: z.array(version2Tables).min(1),
  replicas: settle.default({ settleSeconds: 10 }),
  /** Findings that are known and accepted until a day. */
  waivers: z.array(waiverSchema).default([]),
});

/**
 * What version 1 says. A rule whose parameter is not known was left out there, and the rows of the run
 * held for every table unless some table states its rows.
 */
export function ofVersion1({
  version: _,
  tables,
  ...rest
}: z.infer<typeof version1Schema>): Contract {
  const ofRun = tables.every(({ rows }) => rows === undefined);
  return {
    ...rest,
    tables: tables.map((table): Table => {
      if (table.kind === 'distributed') return ofRun ? { ...table, rows: '$rows' } : table;
      const rules = table.rules.map((rule) => ({ ...rule, optional: rule.optional ?? true }));
      const unpartitioned = table.partitionBy === undefined;
      return { ...table, exactColumns: true, unpartitioned, rules };
    }),
    views: [],
    waivers: [],
  };
}

/** What version 2 says. */
export function ofVersion2({
  version: _,
  tables: described,
  ...rest
}: z.infer<typeof version2Schema>): Contract {
  const tables: Table[] = [];
  const views: View[] = [];
  for (const table of described) {
    if (table.kind === 'distributed') tables.push(table);
    else if (table.kind === 'table') tables.push(local(table));
    else views.push({ ...table, ...namedColumns<string>(table.columns) });
  }
  return { ...rest, tables, views };
}

type Described = Extract<z.infer<typeof version2Tables>, { kind: 'table' }>;
type Stated = string | ({ readonly type: string } & ColumnProperties);

const local = (table: Described): LocalTable => {
  const { columns, exactColumns } = namedColumns<Stated>(table.columns);
  const entries = Object.entries(columns);
  return {
    ...table,
    kind: 'local',
    columns: Object.fromEntries(
      entries.map(([name, column]) => [name, typeof column === 'string' ? column : column.type]),
    ),
    columnProperties: Object.fromEntries(
      entries.flatMap(([name, column]) => {
        if (typeof column === 'string') return [];
        const { type: _, ...properties } = column;
        return [[name, properties] as const];
      }),
    ),
    exactColumns,
  };
};

/** The columns that are named, and whether there may be no others. */
function namedColumns<Column>(
  columns:
    | Readonly<Record<string, Column>>
    | { readonly atLeast: Readonly<Record<string, Column>> }
    | undefined,
): { columns: Readonly<Record<string, Column>>; exactColumns: boolean } {
  if (columns === undefined) return { columns: {}, exactColumns: false };
  const { atLeast } = columns;
  return typeof atLeast === 'object'
    ? { columns: atLeast as Readonly<Record<string, Column>>, exactColumns: false }
    : { columns: columns as Readonly<Record<string, Column>>, exactColumns: true };
}
