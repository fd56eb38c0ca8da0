import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { resolve, UnknownParameterError, type Parameters } from '../contract/parameters.ts';
import { isAbove, numeric } from './bounds.ts';
import { columnRule, type FactsPlan, type RuleScope, type Violations } from './rule.ts';
import { aggregate, both, whereClause } from './sql-text.ts';

/** A bitmap counts different whole numbers exactly, in a few bits a row. */
export const BITMAP = 'groupBitmap';
/** A call by which a server shows that it has it. */
export const BITMAP_CALL = `${BITMAP}(toUInt8(1))`;
/** Bitmaps hold no wider numbers, and those of old servers only these. */
const BITMAP_TYPES = /^U?Int(8|16|32)$/;

const whole = z
  .union([z.number(), z.bigint(), z.string()])
  .refine((value) => /^(-?\d+|\$\w*)$/.test(String(value)), 'expected a whole number');

export const sequenceRule = columnRule(
  'sequence',
  'The column holds each whole number from `from` to `to` exactly once, over all shards.',
  { from: whole, to: whole },
).superRefine(({ from, to }, context) => {
  if (!isAbove(numeric(from), numeric(to))) return;
  context.addIssue({ code: 'custom', path: ['from'], message: `${from} is above to, ${to}` });
});

/**
 * As many rows and as many different values as numbers, and none outside. Where the last number is
 * a fact of a run that is not known, the numbers must be as many as the rows.
 * @throws UnknownParameterError when the first number is not known
 */
export function planSequence(
  rule: z.infer<typeof sequenceRule>,
  { parameters, functions, table }: Pick<RuleScope, 'parameters' | 'functions' | 'table'>,
): FactsPlan {
  const { where } = rule;
  const column = quoteName(rule.column);
  const from = wholeNumber(rule.from, parameters);
  const last = lastNumber(rule.to, parameters);
  const bitmaps = BITMAP_TYPES.test(table.columns[rule.column] ?? '') && functions.has(BITMAP);
  const within = `${column} >= ${from}${last === undefined ? '' : ` AND ${column} <= ${last}`}`;
  const lastOf = (rows: bigint): bigint => last ?? from + rows - 1n;
  return {
    on: 'whole',
    expected: `each number from ${from} to ${last ?? 'the number of rows'} once`,
    facts: [
      aggregate('count', [], where),
      aggregate('countIf', [], both(where, within)).replace('countIfIf', 'countIf'),
      aggregate(bitmaps ? BITMAP : 'uniqExact', [column], both(where, within)),
      aggregate('min', [column], where),
      aggregate('max', [column], where),
    ],
    judge([allRows, rowsWithin, numbersWithin, first, highest]) {
      const [rows, inside, different] = [allRows, rowsWithin, numbersWithin].map((text) =>
        BigInt(text ?? 0),
      ) as [bigint, bigint, bigint];
      const to = lastOf(rows);
      const numbers = to - from + 1n;
      const beyond = last === undefined && rows > 0n && BigInt(highest ?? 0) > to;
      const missing = numbers > different ? numbers - different : beyond ? 1n : 0n;
      const others = rows - inside;
      return {
        broken: Number(missing + (inside - different) + others),
        of: Number(numbers),
        ...(last === undefined && {
          expected: `each number from ${from} to ${to} (the number of rows) once`,
        }),
        observed: `${rows} rows, ${different} different numbers${others > 0n ? ` and ${others} others` : ''} from ${first} to ${highest}`,
      };
    },
    violations: (of, [rows]) =>
      sequenceViolations({ column, where, from, to: lastOf(BigInt(rows ?? 0)), table: of }),
    advice: 'Rows are missing, doubled, or not of this run. Load the table again.',
  };
}

function wholeNumber(value: string | number | bigint, parameters: Parameters): bigint {
  const known = resolve(value, parameters);
  if (!/^-?\d+$/.test(String(known))) throw new UnknownParameterError(String(value).slice(1));
  return BigInt(known);
}

/** Where the sequence must end, or undefined when that is a fact of a run that is not known. */
function lastNumber(to: string | number | bigint, parameters: Parameters): bigint | undefined {
  try {
    return wholeNumber(to, parameters);
  } catch (error) {
    if (error instanceof UnknownParameterError) return undefined;
    throw error;
  }
}

interface SoughtSequence {
  readonly table: string;
  readonly column: string;
  readonly where: string | undefined;
  readonly from: bigint;
  readonly to: bigint;
}

function sequenceViolations({ table, column, where, from, to }: SoughtSequence): Violations[] {
  const count = to < from ? 0n : to - from + 1n;
  // JSON numbers beyond 2^53 would lose digits on their way to the evidence.
  const shown = (value: string): string =>
    to > BigInt(Number.MAX_SAFE_INTEGER) ? `toString(${value})` : value;
  return [
    {
      title: 'Numbers that occur more than once',
      sql: `SELECT ${shown(column)} AS ${column}, count() AS ${quoteName('how many times')} FROM ${table}${whereClause(where)}
       GROUP BY ${column} HAVING count() > 1 ORDER BY ${column}`,
    },
    {
      title: 'Numbers that are missing',
      sql: `SELECT ${shown(`number + (${from})`)} AS missing FROM numbers(${count})
       WHERE number + (${from}) NOT IN (SELECT ${column} FROM ${table}${whereClause(where)})`,
    },
    {
      title: 'Rows with other numbers',
      sql: `SELECT * FROM ${table}
       WHERE ${both(where, `NOT ifNull(${column} >= ${from} AND ${column} <= ${to}, 0)`)} ORDER BY ${column}`,
    },
  ];
}
