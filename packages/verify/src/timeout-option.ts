import { InvalidArgumentError } from 'commander';

const SECONDS = { h: 3600, m: 60, s: 1 } as const;
/** Longer ones no timer of Node takes: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_SECONDS = 24 * SECONDS.h;

/**
 * The seconds of a time that is given as minutes, such as `10`, or with units, such as `90s`, `10m` or
 * `1h30m`.
 * @throws InvalidArgumentError for anything else, and for nothing at all or more than a day
 */
export function timeoutSeconds(text: string): number {
  const [, minutes] = /^(\d{1,6})$/.exec(text) ?? [];
  const [units, ...parts] = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text) ?? [];
  const [hours, minute, second] = parts.map((part: string | undefined) => Number(part ?? 0));
  const seconds =
    minutes !== undefined
      ? Number(minutes) * SECONDS.m
      : units === undefined
        ? Number.NaN
        : (hours ?? 0) * SECONDS.h + (minute ?? 0) * SECONDS.m + (second ?? 0);
  if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) {
    throw new InvalidArgumentError(
      'Expected minutes such as 10, or a duration such as 90s, 10m or 1h30m, of a day at most.',
    );
  }
  return seconds;
}

/** Seconds as people say them: `90 s`, `10 min`. */
export const formatSeconds = (seconds: number): string =>
  seconds % SECONDS.m === 0 ? `${seconds / SECONDS.m} min` : `${seconds} s`;
