import { STATUSES, type Verdict } from '../verdict.ts';

const STATUS_WIDTH = Math.max(...STATUSES.map((status) => status.length));

/** Says on stderr what goes on, each line after the time since the beginning. */
export function startProgress(): (line: string) => void {
  const begin = performance.now();
  return (line) => {
    const elapsed = `${((performance.now() - begin) / 1000).toFixed(1)} s`.padStart(8);
    process.stderr.write(`${elapsed}  ${line}\n`);
  };
}

/** A verdict as a line of progress. */
export const progressOf = ({ status, title }: Pick<Verdict, 'status' | 'title'>): string =>
  `${status.padEnd(STATUS_WIDTH)}  ${title}`;
