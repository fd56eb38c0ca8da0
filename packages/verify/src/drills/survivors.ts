import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../verdict.ts';
import { hasEnded } from './component-state.ts';
import type { DrillTarget } from './drill-target.ts';

const LOOK_MS = 2_000;

/** Why components of a kind are known to end when something that they need is broken. */
const KNOWN: Readonly<Record<string, string>> = {
  airflow:
    'Airflow counts on somebody who starts its components again; the native runtime leaves that to its user.',
};

/** Starts components that ended by themselves, as whoever watches them would, and says so. */
export async function reviveSurvivors({ runtime }: DrillTarget): Promise<Finding[]> {
  // One that is busy or still waking up answers later: only what has ended is started.
  const dead = (await runtime.status()).filter(({ state }) => hasEnded(state));
  return Promise.all(
    dead.map(async ({ name, kind, state }): Promise<Finding> => {
      await runtime.start(name);
      const known = KNOWN[kind];
      return {
        status: known === undefined ? 'failed' : 'warned',
        subject: 'components that were not touched',
        node: name,
        expected: 'they go on running',
        observed: `${name} ${state}, and was started again`,
        reason: known ?? 'Its log says why: infra:logs.',
      };
    }),
  );
}

/** How long components are looked after when what they do has ended. */
export interface Watch {
  /** How long all must have been ready, from the beginning on: a heart that has stopped is noticed late. */
  readonly stableSeconds: number;
  /** When it is given up. */
  readonly budgetSeconds: number;
}

/** Looks after the components until something has ended, well or not, and all are ready again. */
export async function reviveUntil(
  target: DrillTarget,
  end: Promise<unknown>,
  { stableSeconds, budgetSeconds }: Watch,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let endedAt: number | undefined;
  const ended = new AbortController();
  void end.catch(() => undefined).then(() => ended.abort());
  let stableSince: number | undefined;
  for (;;) {
    findings.push(...(await reviveSurvivors(target)));
    const ill = (await target.runtime.status()).filter(({ state }) => state !== 'ready');
    const now = performance.now();
    stableSince = ill.length === 0 ? (stableSince ?? now) : undefined;
    if (ended.signal.aborted) {
      endedAt ??= now;
      if (stableSince !== undefined && now - stableSince >= stableSeconds * 1000) return findings;
      if (now - endedAt > (stableSeconds + budgetSeconds) * 1000) {
        return [...findings, notReady(ill.map(({ name, state }) => `${name} ${state}`))];
      }
    }
    await Promise.race([delay(LOOK_MS), ended.signal.aborted ? delay(LOOK_MS) : end]).catch(
      () => undefined,
    );
  }
}

const notReady = (ill: readonly string[]): Finding => ({
  status: 'failed',
  subject: 'components after the fault',
  expected: 'all are ready again',
  observed: ill.join(', '),
  reason: 'Their logs say why: infra:logs.',
});
