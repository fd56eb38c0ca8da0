/**
 * Runs tasks at the same time. When one fails the signal of the others is aborted, and all have ended
 * before this rejects.
 * @throws the error of the task that failed first
 */
export async function allOrFirstError<T>(
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal,
): Promise<T[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const errors: unknown[] = [];
  const results = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        return await task(either);
      } catch (error) {
        errors.push(error);
        failure.abort();
        throw error;
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
