import { isNode, LineCounter, parseDocument, visit, type Document } from 'yaml';

/** What a contract's text is not, and where. */
export interface Misplaced {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A YAML text as plain values, with the places of them. */
export interface YamlText {
  readonly value: unknown;
  /** Why the text is no YAML document; then there is no value. */
  readonly errors: readonly Misplaced[];
  /** Where a field stands, or the closest one around it that is there. */
  placeOf(path: readonly PropertyKey[]): Pick<Misplaced, 'line' | 'column'>;
}

/** How often anchors may be expanded in all; a bomb of nested ones does so without end. */
const MAX_ALIASES = 10_000;

const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a contract is one YAML document; another one begins here',
};

/**
 * Reads a YAML 1.2 text: whole numbers are exact, merge keys (`<<`) are merged.
 * @see https://eemeli.org/yaml/#options
 */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, intAsBigInt: true, merge: true },
  });
  const at = (offset: number, message: string): Misplaced => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, message };
  };
  const errors = document.errors.map(({ code, pos, message }) =>
    at(pos[0], MESSAGES[code] ?? message),
  );
  const placeOf: YamlText['placeOf'] = (path) => at(offsetOf(document, path), '');
  if (errors.length > 0) return { value: undefined, errors, placeOf };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value: withNumbers(value), errors, placeOf };
  } catch (error) {
    // Thrown for aliases that are too many, or that mean nothing.
    if (!(error instanceof ReferenceError)) throw error;
    return { value: undefined, errors: [at(lastAlias(document), error.message)], placeOf };
  }
}

/** Whole numbers as numbers where these are exact, as bigints elsewhere. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNumbers(item)]));
}

function lastAlias(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Alias: (_, { range }) => {
      offset = range?.[0] ?? offset;
    },
  });
  return offset;
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}
