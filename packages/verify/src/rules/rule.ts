import { z } from 'zod';
import type { Parameters } from '../contract/parameters.ts';
import type { LocalTable } from '../contract/contract.ts';
import { columnName } from '../contract/names.ts';
import { thresholdFields } from './thresholds.ts';

/** What is asked of the rows that a rule is about. */
const rowFields = {
  where: z
    .string()
    .min(1)
    .optional()
    .describe('Only rows for which this expression holds are judged.'),
  final: z
    .boolean()
    .optional()
    .describe("Rows are read merged; by default where the table's engine merges rows."),
};

const ownFields = {
  title: z
    .string()
    .min(1)
    .optional()
    .describe("What people read instead of the rule's column and kind."),
  optional: z
    .boolean()
    .optional()
    .describe('Whether the rule may be left out where a parameter of the run is not known.'),
};

/** A rule about whole queries, which has neither a column nor `where` or `final`. */
export const queryRule = <Name extends string, Shape extends z.ZodRawShape>(
  name: Name,
  description: string,
  shape: Shape,
) =>
  z
    .strictObject({ rule: z.literal(name), ...shape, ...ownFields, ...thresholdFields })
    .describe(description);

/** A rule about the rows of the table. */
export const tableRule = <Name extends string, Shape extends z.ZodRawShape>(
  name: Name,
  description: string,
  shape: Shape,
) =>
  z
    .strictObject({
      rule: z.literal(name),
      ...shape,
      ...rowFields,
      ...ownFields,
      ...thresholdFields,
    })
    .describe(description);

/** A rule about one column. */
export const columnRule = <Name extends string, Shape extends z.ZodRawShape>(
  name: Name,
  description: string,
  shape: Shape,
) => tableRule(name, description, { column: columnName, ...shape });

/** Where a rule is judged, and by what. */
export interface RuleScope {
  readonly table: LocalTable;
  readonly parameters: Parameters;
  /** The functions that the server has, of those that it was asked for. */
  readonly functions: ReadonlySet<string>;
  /** A table expression for all rows of a table, whatever its kind. */
  readonly whole: (table: string) => string;
}

/** A rule that each row keeps or breaks by itself: judged on every node, all in one pass. */
export interface RowPlan {
  readonly on: 'rows';
  /** The rule in words. */
  readonly expected: string;
  /** The rule as an expression. */
  readonly condition: string;
  /** Whether a row for which the condition is NULL keeps the rule, if the column may hold NULL. */
  readonly nullKeeps: boolean;
  /** An aggregate that says in a text what the column holds. */
  readonly summary?: string;
  /** Whether the condition reads other tables, on other nodes. */
  readonly readsElsewhere?: boolean;
}

/** What facts say about a rule. */
export type Outcome =
  | {
      /** How many rows break the rule, or by how much a value lies outside of its bounds. */
      readonly broken: number;
      /** What `broken` is a part of: rows judged, or the bound. */
      readonly of: number;
      readonly observed: string;
      /** The rule in words, where these depend on the facts. */
      readonly expected?: string;
    }
  /** Nothing could be judged, and why. */
  | { readonly unknown: string };

/** A statement whose rows show what breaks a rule. */
export interface Violations {
  readonly title: string;
  readonly sql: string;
}

/** A rule about all rows together: aggregates, and what they mean. */
export interface FactsPlan {
  readonly on: 'whole';
  readonly expected: string;
  /** Aggregates; each is read as text. */
  readonly facts: readonly string[];
  /**
   * What the facts are asked of, when it is not the whole table: a subquery. Facts without it are
   * asked in one pass.
   */
  readonly from?: string;
  readonly judge: (facts: readonly (string | null)[]) => Outcome;
  /** What shows rows that break the rule, given the table expression and the facts. */
  readonly violations: (table: string, facts: readonly (string | null)[]) => readonly Violations[];
  /** What to do when it is broken. */
  readonly advice?: string;
}

/** A rule that the server cannot judge, and why. */
export interface ImpossiblePlan {
  readonly on: 'nothing';
  readonly expected: string;
  readonly reason: string;
}

export type RulePlan = RowPlan | FactsPlan | ImpossiblePlan;
