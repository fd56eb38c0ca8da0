import { EVIDENCE_ROWS, type EvidenceRow } from '../clickhouse/evidence.ts';

/** Rows by the names of their columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Whether both are the same rows, in whatever order. */
export function isSame(left: Rows, right: Rows): boolean {
  const [first, second] = [left, right].map((rows) => rows.map(textOf).sort().join('\n'));
  return first === second;
}

/** Numbers come as numbers from one side and as text from the other, and sums with other last digits. */
const textOf = (row: Rows[number]): string =>
  JSON.stringify(
    Object.entries(row)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([column, value]) => [column, isNumber(value) ? roundOf(Number(value)) : value]),
  );

const roundOf = (value: number): number =>
  Number.isSafeInteger(value) ? value : Number(value.toPrecision(12));

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value));

/** How what is shown differs, for people. */
export function describeDifference(there: Rows, shown: Rows): string {
  const known = new Set(there.map(textOf));
  const others = shown.filter((row) => !known.has(textOf(row)));
  const example = others[0] ?? shown[0];
  return (
    `${shown.length} rows where ClickHouse has ${there.length}, ${others.length} of them others` +
    (example === undefined ? '' : `, such as ${JSON.stringify(example)}`)
  );
}

/** The first rows that only one side has; `tool` is what shows the charts. */
export function bothSides(there: Rows, shown: Rows, tool: string): EvidenceRow[] {
  const onlyIn = (by: string, rows: Rows, others: Rows): EvidenceRow[] => {
    const known = new Set(others.map(textOf));
    return rows
      .filter((row) => !known.has(textOf(row)))
      .slice(0, EVIDENCE_ROWS)
      .map((row) => ({ by, row: JSON.stringify(row) }));
  };
  return [...onlyIn('ClickHouse', there, shown), ...onlyIn(tool, shown, there)];
}
