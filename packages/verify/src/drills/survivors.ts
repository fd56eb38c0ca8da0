import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../verdict.ts';
import { hasEnded } from './component-state.ts';
import type { DrillTarget } from './drill.ts';

const LOOK_MS = 2_000;

/** Why components of a kind are known to end when something that they need is broken. */
const KNOWN: Readonly<Record<string, string>> = {
  chdb: 'The embedded engine ends when a connection that it reads from is reset.',
  airflow:
    'Airflow counts on somebody who starts its components again; the native runtime leaves that to its user.',
};

/** Starts components that ended without being told to, as somebody who watches them would, and says so. */
export async function reviveSurvivors({ runtime, deployment }: DrillTarget): Promise<Finding[]> {
  // One that is busy or still waking up answers later: only what has ended is started.
  const dead = (await runtime.status()).filter(({ state }) => hasEnded(state));
  return Promise.all(
    dead.map(async ({ name, kind, state }): Promise<Finding> => {
      await runtime.start(name);
      const known = KNOWN[kind === 'clickhouse' ? deployment.engine : kind];
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

/** Looks after the components until something has ended, well or not. */
export async function reviveUntil(target: DrillTarget, end: Promise<unknown>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const ended = new AbortController();
  void end.then(
    () => ended.abort(),
    () => ended.abort(),
  );
  for (;;) {
    findings.push(...(await reviveSurvivors(target)));
    if (ended.signal.aborted) return findings;
    await delay(LOOK_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}
