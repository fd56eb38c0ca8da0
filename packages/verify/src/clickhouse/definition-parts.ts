import { clauseOf, cutAtCommas, endOfBracket, tokensOf } from './sql-tokens.ts';

/** What a definition says of a column beside its type. */
export interface ColumnParts {
  /** Such as `Delta(8), ZSTD(1)`; empty where nothing is said, as the others. */
  readonly codec: string;
  readonly ttl: string;
  readonly comment: string;
}

/** The parts of a CREATE TABLE that contracts may state; empty where there are none. */
export interface DefinitionParts {
  readonly columns: ReadonlyMap<string, ColumnParts>;
  /** Each by its name, with what follows the name. */
  readonly indices: ReadonlyMap<string, string>;
  readonly constraints: ReadonlyMap<string, string>;
  readonly projections: ReadonlyMap<string, string>;
  readonly ttl: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly comment: string;
}

/** Words that begin something else of a column. */
const OF_COLUMN: ReadonlySet<string> = new Set([
  'COMMENT',
  'CODEC',
  'STATISTICS',
  'TTL',
  'SETTINGS',
]);
/** Words that begin a clause of a table. */
const OF_TABLE: ReadonlySet<string> = new Set(
  'ENGINE PARTITION PRIMARY ORDER SAMPLE TTL SETTINGS COMMENT'.split(' '),
);

/**
 * Takes apart a CREATE TABLE as `system.tables.create_table_query` has it and `formatQuerySingleLine`
 * writes it. Syntax: https://clickhouse.com/docs/sql-reference/statements/create/table
 */
export function definitionParts(createTable: string): DefinitionParts {
  const tokens = tokensOf(createTable);
  const open = tokens.indexOf('(');
  const close = endOfBracket(tokens, open);
  const items = cutAtCommas(tokens.slice(open + 1, close)).map(itemOf);
  const of = (kind: string): ReadonlyMap<string, string> =>
    new Map(items.filter((item) => item.kind === kind).map(({ name, rest }) => [name, text(rest)]));
  const clause = (word: string): readonly string[] =>
    clauseOf(tokens.slice(close + 1), word, OF_TABLE);
  return {
    columns: new Map(
      items.filter(({ kind }) => kind === 'COLUMN').map(({ name, rest }) => [name, columnOf(rest)]),
    ),
    indices: of('INDEX'),
    constraints: of('CONSTRAINT'),
    projections: of('PROJECTION'),
    ttl: text(clause('TTL')),
    settings: new Map(
      cutAtCommas(clause('SETTINGS')).flatMap((setting) => {
        const [, name, value] = /^(\w+) = (.*)$/s.exec(text(setting)) ?? [];
        return name === undefined || value === undefined ? [] : [[name, unquoted(value)] as const];
      }),
    ),
    comment: unquoted(text(clause('COMMENT'))),
  };
}

interface Item {
  /** `COLUMN`, or the word that begins it. */
  readonly kind: string;
  readonly name: string;
  readonly rest: readonly string[];
}

/** Names of columns are always in backquotes there, and nothing else begins with one. */
function itemOf(tokens: readonly string[]): Item {
  const words = tokens.filter((token) => token.trim() !== '');
  const [first = '', second = ''] = words;
  const after = (word: string): readonly string[] => tokens.slice(tokens.indexOf(word) + 1);
  return first.startsWith('`')
    ? { kind: 'COLUMN', name: unquoted(first), rest: after(first) }
    : { kind: first, name: unquoted(second), rest: after(second) };
}

const columnOf = (tokens: readonly string[]): ColumnParts => {
  const part = (word: string): string => text(clauseOf(tokens, word, OF_COLUMN));
  const codec = part('CODEC');
  return { codec: codec.slice(1, -1), ttl: part('TTL'), comment: unquoted(part('COMMENT')) };
};

const text = (tokens: readonly string[]): string => tokens.join('').trim();

const unquoted = (literal: string): string =>
  /^['`].*['`]$/s.test(literal) ? literal.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : literal;
