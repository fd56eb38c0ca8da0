import type { z } from 'zod';
import type { AllowedDifferences } from './allowed-differences.ts';
import type { ConnectionContract, pipelineSchema } from './pipeline.ts';
import type {
  dictionarySchema,
  distributedTableSchema,
  materializedViewSchema,
  tableSchema,
  viewSchema,
} from './tables.ts';
import type { Waiver } from './waivers.ts';

export type { ConnectionContract } from './pipeline.ts';
export type { Rule } from '../rules/index.ts';

/** The columns that a contract names; none where it says nothing of them. */
interface Columns {
  readonly columns: Readonly<Record<string, string>>;
  /** Whether there may be no others, and these are in order. */
  readonly exactColumns: boolean;
}

/** What a contract says of a column beside its type; what it does not say is not required. */
export interface ColumnProperties {
  readonly codec?: string | undefined;
  readonly ttl?: string | undefined;
  readonly comment?: string | undefined;
}

/** A table that holds rows on each node. */
export type LocalTable = Omit<z.infer<typeof tableSchema>, 'kind' | 'columns'> &
  Columns & {
    readonly kind: 'local';
    readonly columnProperties?: Readonly<Record<string, ColumnProperties>>;
    /** Whether the contract says that there is no partition key, rather than nothing. */
    readonly unpartitioned?: boolean;
  };
export type DistributedTable = z.infer<typeof distributedTableSchema>;
/** A table that holds or spreads rows. */
export type Table = LocalTable | DistributedTable;

type ViewSchema = typeof viewSchema | typeof materializedViewSchema | typeof dictionarySchema;
type WithColumns<Described> = Described extends { columns?: unknown }
  ? Omit<Described, 'columns'> & Columns
  : never;
/** What is read like a table and has no rows of its own. */
export type View = WithColumns<z.infer<ViewSchema>>;

/**
 * What must be true of a platform, whatever the version of the contract that says it; docs/contract.md
 * explains the fields.
 */
export interface Contract {
  readonly pipeline?: z.infer<typeof pipelineSchema> | undefined;
  readonly connections: Readonly<Record<string, ConnectionContract>>;
  readonly tables: readonly Table[];
  readonly views: readonly View[];
  readonly replicas: { readonly settleSeconds: number };
  /** What may differ between nodes. */
  readonly allow: AllowedDifferences;
  /** Findings that are known and accepted until a day. */
  readonly waivers: readonly Waiver[];
}

/** The tables that hold rows. */
export const localTables = ({ tables }: Contract): LocalTable[] =>
  tables.filter((table) => table.kind === 'local');

/** Whether a reference with or without a database means a table. */
export const isMeant = (
  reference: string,
  { name, database }: { readonly name: string; readonly database?: string | undefined },
): boolean => reference === name || reference === `${database}.${name}`;

/** The tables that spread rows, each with the local table below it. */
export function distributedTables(
  contract: Contract,
): { readonly table: DistributedTable; readonly local: LocalTable }[] {
  const locals = localTables(contract);
  return contract.tables
    .filter((table) => table.kind === 'distributed')
    .flatMap((table) => {
      const local = locals.find((candidate) => isMeant(table.over, candidate));
      return local ? [{ table, local }] : [];
    });
}
