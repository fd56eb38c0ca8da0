import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnRule, type FactsPlan } from './rule.ts';
import { aggregate } from './sql-text.ts';

const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;
const DURATION = /^(\d+) (second|minute|hour|day|week)s?$/;

export const freshnessRule = columnRule(
  'freshness',
  'The newest time is at most so old, by the clock of the server.',
  {
    within: z.string().regex(DURATION, 'expected a duration such as 90 minutes or 2 days'),
  },
);

/** The seconds of a duration such as `2 hours`. @throws RangeError for a text that is none */
export function secondsOf(duration: string): number {
  const [, count, unit] = DURATION.exec(duration) ?? [];
  if (count === undefined || unit === undefined) throw new RangeError(`${duration} is no duration`);
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

export function planFreshness({ column, within, where }: z.infer<typeof freshnessRule>): FactsPlan {
  const newest = aggregate('max', [quoteName(column)], where);
  const allowed = secondsOf(within);
  return {
    on: 'whole',
    expected: `the newest at most ${within} old`,
    facts: [
      aggregate('count', [quoteName(column)], where),
      newest,
      `toInt64(now()) - toInt64(toDateTime(${newest}))`,
    ],
    judge: ([values, time, age]) => {
      if (Number(values) === 0)
        return { broken: allowed, of: allowed, observed: 'no times at all' };
      const late = Math.max(0, Number(age) - allowed);
      return { broken: late, of: allowed, observed: `the newest is of ${time}, ${age} s ago` };
    },
    violations: () => [],
    advice: 'Find out why nothing newer has been loaded.',
  };
}
