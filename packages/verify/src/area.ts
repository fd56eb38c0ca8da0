import type { Check } from './check.ts';
import { clusterChecks } from './checks/index.ts';
import { platformChecks } from './checks/platform.ts';

/** What verdicts are grouped by, in the order that people read. */
export const AREAS = ['ClickHouse', 'Airflow', 'Security'] as const;

export type Area = (typeof AREAS)[number];

/** What a check is about. */
export function areaOf({ scope, security }: Pick<Check, 'scope' | 'security'>): Area {
  if (security) return 'Security';
  return scope === 'cluster' ? 'ClickHouse' : 'Airflow';
}

const byName = new Map(
  [...clusterChecks, ...platformChecks].map((check) => [check.name, areaOf(check)]),
);

/** What the check of a name is about; one that has no check of its own is about the cluster. */
export const areaOfName = (name: string): Area => byName.get(name) ?? 'ClickHouse';
