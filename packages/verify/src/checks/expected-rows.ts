import type { ClusterContext } from '../check.ts';
import type { Table } from '../contract/contract.ts';
import { UnknownParameterError } from '../contract/parameters.ts';
import { rowBounds, type RowBounds } from '../contract/row-count.ts';
import type { Finding } from '../verdict.ts';

/** What is known of the rows that a table must hold. */
export interface ExpectedRows {
  /** Absent where no number is known: then it can only be judged whether numbers agree. */
  readonly bounds?: RowBounds;
  /** Findings about a number that is stated and not known. */
  readonly unknown: readonly Finding[];
}

/** The rows that the contract states for some tables, which show the same rows: those of the first that has any. */
export function expectedRows(
  { parameters }: Pick<ClusterContext, 'parameters'>,
  ...tables: readonly Table[]
): ExpectedRows {
  const stating = tables.find((table) => table.rows !== undefined);
  if (stating?.rows === undefined) return { unknown: [] };
  try {
    return { bounds: rowBounds(stating.rows, parameters), unknown: [] };
  } catch (error) {
    if (!(error instanceof UnknownParameterError || error instanceof RangeError)) throw error;
    return {
      unknown: [
        {
          status: error instanceof RangeError ? 'inconclusive' : 'skipped',
          subject: `${stating.name}, number of rows`,
          expected: 'the rows that the contract states',
          observed: `rows: ${JSON.stringify(stating.rows)}`,
          reason: error.message,
        },
      ],
    };
  }
}
