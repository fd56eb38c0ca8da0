import { quoteName } from './quote.ts';

/** Types of columns by their names. */
export type Columns = Readonly<Record<string, string>>;

/** How the columns of rows are hashed. */
export interface HashOptions {
  /** Whether states are hashed by what they come to: merged in another order they may be other bytes. */
  readonly merged?: boolean;
  /** Whether the server hashes the values of all types, as `hashesAllTypes` finds out. */
  readonly allTypes?: boolean;
}

/**
 * An expression for the hash of a row's columns, or of all that the server gives when none is named.
 * It takes them as one tuple, because the hash of several arguments of which one is NULL would be NULL
 * and drop out of a sum.
 */
export const rowHash = (columns: Columns, options: HashOptions = {}): string =>
  `cityHash64(tuple(${
    Object.entries(columns)
      // A contract may name them, and nobody can read them.
      .filter(([, type]) => !/\sEPHEMERAL\b/.test(type))
      .flatMap(([name, type]) => hashed(quoteName(name), type, options))
      .join(', ') || '*'
  }))`;

/** Types that old servers hash. */
const ALWAYS_HASHED =
  /^(?:U?Int(?:8|16|32|64)|Float(?:32|64)|(?:Fixed)?String\b|Date(?:Time)?\b|Enum|(?:Array\()+(?:U?Int(?:8|16|32|64)|Float(?:32|64)|String|Date)\b)/;

function hashed(
  column: string,
  type: string,
  { merged = false, allTypes = true }: HashOptions,
): string[] {
  const value = valueOf(column, type, merged || !allTypes);
  if (allTypes || ALWAYS_HASHED.test(type)) return [value];
  const text = `toString(${value})`;
  return type.startsWith('Nullable') ? [`isNull(${value})`, `ifNull(${text}, '')`] : [text];
}

/** What a column holds, or what its states come to. */
export const valueOf = (column: string, type: string, finalized: boolean): string =>
  finalized && type.startsWith('AggregateFunction') ? `finalizeAggregation(${column})` : column;

/**
 * An expression for the content of rows, as text: the sum of their hashes. It depends on no order
 * and, unlike XOR, does not lose rows that occur twice. `cityHash64` reads five columns seven times
 * as fast as `sipHash64` does; nobody forges rows here.
 */
export const contentHash = (columns: Columns, options: HashOptions = {}): string =>
  `toString(sum(${rowHash(columns, options)}))`;

/** Engines that make one row of several when parts are merged, and that can be read with FINAL. */
const MERGING = /(Replacing|Collapsing|Summing|Aggregating|Coalescing)MergeTree$/;

/** Whether an engine makes one row of several, so that only FINAL reads what the rows mean. */
export const mergesRows = (engine: string): boolean => MERGING.test(engine);
