import { ruleSchema, type Rule } from '../rules/index.ts';

/** A table as far as it can be read, whatever else is wrong with the contract. */
export interface RawTable {
  readonly index: number;
  readonly kind: unknown;
  readonly name: string | undefined;
  readonly database: string | undefined;
  /** The columns, when the contract names them all. */
  readonly columns: ReadonlySet<string> | undefined;
  /** The rules that are as their schema says, by their places. */
  readonly rules: ReadonlyMap<number, Rule>;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The tables of a contract that may be wrong in any way. */
export const rawTables = (contract: unknown): RawTable[] =>
  listOf(isRecord(contract) ? contract['tables'] : undefined).flatMap((table, index) =>
    isRecord(table)
      ? [
          {
            index,
            kind: table['kind'],
            name: textOf(table['name']),
            database: textOf(table['database']),
            columns: allColumns(table['columns']),
            rules: rulesOf(table['rules']),
            fields: table,
          },
        ]
      : [],
  );

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const allColumns = (columns: unknown): ReadonlySet<string> | undefined =>
  isRecord(columns) && typeof columns['atLeast'] !== 'object'
    ? new Set(Object.keys(columns))
    : undefined;

const rulesOf = (rules: unknown): ReadonlyMap<number, Rule> =>
  new Map(
    listOf(rules).flatMap((rule, index) => {
      const parsed = ruleSchema.safeParse(rule);
      return parsed.success ? [[index, parsed.data] as const] : [];
    }),
  );
