import { setTimeout } from 'node:timers/promises';
import type { Finding, Status } from './verdict.ts';

const PAUSE_MS = 200;

/** When to stop looking. */
export interface Patience {
  /** What may still change; failures unless it is said. */
  readonly unsettled?: readonly Status[];
  readonly stillness?: Stillness;
}

/** What all is at where nothing moves: no look finds anything else as long as that is the same. */
export interface Stillness {
  /** What was observed last; nothing where it was not asked, has not answered, or something moved. */
  seen(): string | undefined;
  /** Asks now. */
  observe(): Promise<string | undefined>;
}

/**
 * Looks until nothing is `unsettled`, at least once and for at most `seconds`: what is only on its way from
 * one replica to another is no fault. The pause is as long as the look, so that asking takes half of the time
 * at most. Where all was still around a look, that one counts.
 */
export async function settle(
  seconds: number,
  look: () => Promise<readonly Finding[]>,
  { unsettled = ['failed'], stillness }: Patience = {},
): Promise<readonly Finding[]> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const before = stillness?.seen();
    const begin = performance.now();
    const findings = await look();
    const end = performance.now();
    if (end >= deadline || !findings.some(({ status }) => unsettled.includes(status)))
      return findings;
    const now = await stillness?.observe();
    if (now !== undefined && now === before) return findings;
    // Where nothing moves, one look more is enough.
    await setTimeout(now === undefined ? Math.max(PAUSE_MS, end - begin) : PAUSE_MS);
  }
}
