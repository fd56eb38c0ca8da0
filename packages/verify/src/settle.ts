import { setTimeout } from 'node:timers/promises';
import type { Finding, Status } from './verdict.ts';

const PAUSE_MS = 200;

/** When to stop looking. */
export interface Patience {
  /** What may still change; failures unless it is said. */
  readonly unsettled?: readonly Status[];
  /**
   * What all is at where nothing moves. The same before and after a look: no further look would find
   * anything else.
   */
  readonly stillness?: () => Promise<string | undefined>;
}

/**
 * Looks until nothing is `unsettled`, at least once and for at most `seconds`: what is only on its way from
 * one replica to another is no fault. The pause is as long as the look, so that asking takes half of the time
 * at most.
 */
export async function settle(
  seconds: number,
  look: () => Promise<readonly Finding[]>,
  { unsettled = ['failed'], stillness }: Patience = {},
): Promise<readonly Finding[]> {
  const deadline = performance.now() + seconds * 1000;
  let before: string | undefined;
  for (;;) {
    const begin = performance.now();
    const findings = await look();
    const end = performance.now();
    if (end >= deadline || !findings.some(({ status }) => unsettled.includes(status)))
      return findings;
    const now = await stillness?.();
    if (now !== undefined && now === before) return findings;
    before = now;
    // Where nothing moves, one look more is enough.
    await setTimeout(now === undefined ? Math.max(PAUSE_MS, end - begin) : PAUSE_MS);
  }
}
