import { cpus, loadavg, totalmem, type } from 'node:os';

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

/** How busy the machine was in the minute before the benchmark. */
const [loadBefore = 0] = loadavg();

/** The machine and the runtime in one line; before it another where figures of it are worth nothing. */
export function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const model = processors[0]?.model.trim() ?? 'processor';
  const invalid = whyInvalid(loadBefore, processors.length);
  return [
    ...(invalid === undefined ? [] : [`INVALID: ${invalid}`]),
    `${processors.length} × ${model}, ${memory} GiB, ${type()}, Node ${process.versions.node}, load ${loadBefore.toFixed(1)} before`,
  ].join('\n');
}

/** Why figures are no figures: with half of the processors busy, a benchmark measures what else is going on. */
export const whyInvalid = (load: number, processors: number): string | undefined =>
  load > processors / 2
    ? `the machine was busy before the benchmark, with a load of ${load.toFixed(1)} on ${processors} processors. Run it again when nothing else runs.`
    : undefined;
