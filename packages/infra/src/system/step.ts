/** How often a step that goes on says so, in milliseconds. */
const REPORT_EVERY = 10_000;

/**
 * Does something long, and says what it is when it begins, every ten seconds, and how long it took. Lines
 * are plain, so that they can be read through Nx and in a file as well.
 */
export async function step<Result>(
  progress: (line: string) => void,
  name: string,
  work: () => Promise<Result>,
  every = REPORT_EVERY,
): Promise<Result> {
  const begin = performance.now();
  const seconds = (): string => `${((performance.now() - begin) / 1000).toFixed(0)} s`;
  progress(`${name} …`);
  const timer = setInterval(() => progress(`${name}: ${seconds()} so far`), every);
  try {
    const result = await work();
    progress(`${name}: done after ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
