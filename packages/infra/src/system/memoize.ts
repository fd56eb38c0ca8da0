/** The action, done when first asked for and never again; everybody gets the same promise. */
export function memoize<Result>(action: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= action());
}
