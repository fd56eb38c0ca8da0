import { parse } from 'dotenv';
import { UNPRINTABLE } from './schema.ts';
import { SecretsError } from './secrets-error.ts';

/** Preferred is the quoting that a POSIX shell reads alike; the others serve values with a quote in them. */
const QUOTES = ["'", '', '`', '"'];

function canQuote(value: string, quote: string): boolean {
  if (quote === '') return !/^['"`]|#|^\s|\s$/.test(value);
  // The parser takes a backslash before the closing quote for an escaped quote and reads on.
  return !value.includes(quote) && !value.endsWith('\\');
}

const isRead = (name: string, value: string, line: string): boolean => parse(line)[name] === value;

function renderLine(name: string, value: string): string {
  if (UNPRINTABLE.test(value) || !value.isWellFormed()) {
    throw new SecretsError(
      `${name} holds a line break, a control character or invalid Unicode, which a dotenv file cannot carry. Choose a value without.`,
    );
  }
  const line = QUOTES.filter((quote) => canQuote(value, quote))
    .map((quote) => `${name}=${quote}${value}${quote}`)
    .find((candidate) => isRead(name, value, candidate));
  if (line === undefined) {
    throw new SecretsError(
      `${name} holds a combination of "#", quotes, backslashes or outer blanks that a dotenv file cannot carry. Choose a value without one of them.`,
    );
  }
  return line;
}

/**
 * A dotenv text of some values, from which `parseDotenv` gives the same values.
 * @throws SecretsError for a value that the format cannot carry, naming its field
 */
export const renderDotenv = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${renderLine(name, value)}\n`)
    .join('');

/** The values of a dotenv text; an empty value counts as absent. */
export const parseDotenv = (text: string): Record<string, string> =>
  Object.fromEntries(Object.entries(parse(text)).filter(([, value]) => value !== ''));
