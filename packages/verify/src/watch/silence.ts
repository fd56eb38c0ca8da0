import { formatSeconds } from '../timeout-option.ts';

/** After how many intervals without a verdict people hear of it. */
const INTERVALS = 2;

/** Seconds from one verdict to the next after which people hear that there is none. */
export const longestSilence = (everySeconds: number): number => INTERVALS * everySeconds;

/** Seconds since the last verdict, of long ones whole minutes, where they are too many; else undefined. */
export function silenceSince(last: Date, now: Date, everySeconds: number): number | undefined {
  const seconds = Math.round((now.getTime() - last.getTime()) / 1000);
  if (seconds <= longestSilence(everySeconds)) return undefined;
  return seconds < 120 ? seconds : seconds - (seconds % 60);
}

/** What people are sent of it. */
export const silenceText = (
  deployment: string | undefined,
  seconds: number,
  everySeconds: number,
): string =>
  `${deployment ?? 'The cluster'} has had no verdict for ${formatSeconds(seconds)}; expected one every ${formatSeconds(everySeconds)}. Look whether what verifies it runs.`;
