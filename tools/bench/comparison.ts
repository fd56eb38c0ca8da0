import { summarize } from './measure.ts';

/** The same done by this project and by a peer; seconds of each run. */
export interface Comparison {
  readonly what: string;
  readonly own: readonly number[];
  readonly peer: readonly number[];
  /** What the median of this project's seconds should stay below, where something was promised. */
  readonly goal?: number;
}

export const COMPARISON_HEADING = `| what | min | median | max | unit | goal | median ÷ goal | compose: min | median | max | median ÷ compose | runs |
|---|---|---|---|---|---|---|---|---|---|---|---|`;

/** One line of a Markdown table: both in seconds, the median beside its goal and beside the peer's. */
export function comparisonRow({ what, own, peer, goal }: Comparison): string {
  const [ours, theirs] = [summarize(own), summarize(peer)];
  const figures = ({ minimum, median, maximum }: typeof ours): string =>
    [minimum, median, maximum].map((value) => value.toPrecision(3)).join(' | ');
  const promised = goal === undefined ? '– | –' : `${goal} | ${(ours.median / goal).toFixed(2)}`;
  const ratio = (ours.median / theirs.median).toFixed(2);
  return `| ${what} | ${figures(ours)} | s | ${promised} | ${figures(theirs)} | ${ratio} | ${own.length} |`;
}
