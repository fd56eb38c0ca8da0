/** The action, done when first asked for and never again; everybody gets the same promise. */
export function memoize<Result>(action: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= action());
}

/** The action, done once for each object that it is asked for; everybody gets the same promise. */
export function memoizeEach<Subject extends object, Result>(
  action: (subject: Subject) => Promise<Result>,
): (subject: Subject) => Promise<Result> {
  const results = new WeakMap<Subject, Promise<Result>>();
  return (subject) => {
    const known = results.get(subject);
    if (known !== undefined) return known;
    const result = action(subject);
    results.set(subject, result);
    return result;
  };
}
