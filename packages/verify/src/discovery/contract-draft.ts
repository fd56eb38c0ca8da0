import { stringify } from 'yaml';
import type { DefinedColumn } from './ask-columns.ts';
import type { ContractTable, LeftOut } from './contract-tables.ts';
import type { StatedTable } from './stated-table.ts';
import type { SuggestedRule } from './suggest-rules.ts';

/** A table with everything that a contract is to say of it. */
export interface DraftTable {
  readonly table: ContractTable;
  readonly stated?: StatedTable;
  readonly rules?: readonly SuggestedRule[];
  readonly columns?: readonly DefinedColumn[];
}

const HEADER = `# What must be true of the tables. It was written from what the cluster had, and is meant to be changed:
# a definition that is stated here must stay as it is, rules must hold for all rows. What is not said is not
# required, but must be the same on all nodes. All fields: docs/contract.md of Provehouse.
version: 2
`;

/**
 * The contract as YAML for people: each table with what holds now, and what might be stated besides
 * as comments.
 */
export function draftContract(tables: readonly DraftTable[], leftOut: readonly LeftOut[]): string {
  const notes = leftOut.map(({ table, reason }) => `# Not in it: ${table}: ${reason}.`);
  const body = ['tables:', ...tables.map(tableText)];
  return `${[HEADER + notes.join('\n'), ...body].join('\n')}\n`;
}

function tableText({ table, stated, rules = [], columns = [] }: DraftTable): string {
  const said = {
    ...table,
    ...stated,
    ...(rules.length > 0 && { rules }),
  };
  const text = indent(stringify([said], { lineWidth: 0 }).trimEnd());
  const comments = columns.flatMap(suggestion).map((line) => `    # ${line}`);
  if (comments.length === 0) return text;
  const why = rules.length > 0 ? '    # further rules, such as' : '    # rules, such as';
  return [text, why, ...comments].join('\n');
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

/** A rule of which nobody but people know whether it must hold. */
function suggestion({ name, type, kind }: DefinedColumn): string[] {
  if (kind === 'ALIAS' || kind === 'EPHEMERAL') return [];
  if (/^DateTime/.test(type)) {
    return [`- { rule: freshness, column: ${name}, within: 1 day }`];
  }
  if (/^(?:Decimal|Float)/.test(type)) return [`- { rule: range, column: ${name}, min: 0 }`];
  if (/^Nullable\(/.test(type)) return [`- { rule: notNull, column: ${name} }`];
  return [];
}
