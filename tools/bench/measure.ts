import { cpus, totalmem, type } from 'node:os';

/** The figures of several runs, in the unit that was measured. */
export interface Figures {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** Minimum, median and maximum. @throws RangeError for no values */
export function summarize(values: readonly number[]): Figures {
  const sorted = [...values].sort((left, right) => left - right);
  const [minimum] = sorted;
  const maximum = sorted.at(-1);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (minimum === undefined || maximum === undefined || low === undefined || high === undefined) {
    throw new RangeError('there are no values to summarize');
  }
  return { minimum, median: (low + high) / 2, maximum };
}

/** Runs an action several times, one after the other, and gives the seconds of each run. */
export async function seconds(runs: number, action: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const begin = performance.now();
    await action();
    measured.push((performance.now() - begin) / 1000);
  }
  return measured;
}

/** One line of a Markdown table: what, the figures, and how the median relates to the goal. */
export function row(what: string, values: readonly number[], unit: string, goal: number): string {
  const { minimum, median, maximum } = summarize(values);
  const [low, middle, high] = [minimum, median, maximum].map((value) => value.toPrecision(3));
  const ratio = (median / goal).toFixed(2);
  return `| ${what} | ${low} | ${middle} | ${high} | ${unit} | ${goal} | ${ratio} | ${values.length} |`;
}

export const HEADING = `| what | min | median | max | unit | goal | median ÷ goal | runs |
|---|---|---|---|---|---|---|---|`;

/** The machine and the runtime in one line. */
export function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}, ${memory} GiB, ${type()}, Node ${process.versions.node}`;
}
