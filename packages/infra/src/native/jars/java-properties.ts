/** Properties as Java reads them: https://docs.oracle.com/en/java/javase/25/docs/api/java.base/java/util/Properties.html */
export const renderProperties = (
  values: Readonly<Record<string, string | number | boolean>>,
): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${escaped(String(value))}\n`)
    .join('');

/** A blank at the beginning would be skipped, and what is not in Latin-1 is read by its number alone. */
const escaped = (value: string): string =>
  value
    .replaceAll('\\', String.raw`\\`)
    .replace(/^ /, String.raw`\ `)
    .replaceAll(
      /[^\x20-\x7e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
