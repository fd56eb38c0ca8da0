/**
 * What an error says on one line. A host with several addresses, none of which answers, gives an error
 * without any words, with one inside for each address.
 */
export function errorWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inside = error instanceof AggregateError ? error.errors.map(errorWords) : [];
  const [line = ''] = error.message.split('\n');
  const code = 'code' in error ? String(error.code) : '';
  return (
    [line, [...new Set(inside)].join('; '), code, error.name].find((words) => words !== '') ?? ''
  );
}
