import { setTimeout } from 'node:timers/promises';
import type { Finding, Status } from './verdict.ts';

const PAUSE_MS = 200;

/**
 * Looks until nothing is `unsettled` (has failed), at least once and for at most `seconds`: what is only
 * on its way from one replica to another is no fault. The pause is as long as the look, so that asking takes
 * half of the time at most.
 */
export async function settle(
  seconds: number,
  look: () => Promise<readonly Finding[]>,
  unsettled: readonly Status[] = ['failed'],
): Promise<readonly Finding[]> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const begin = performance.now();
    const findings = await look();
    const end = performance.now();
    if (end >= deadline || !findings.some(({ status }) => unsettled.includes(status)))
      return findings;
    await setTimeout(Math.max(PAUSE_MS, end - begin));
  }
}
