import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '@provehouse/infra';
import type { Finding } from '../verdict.ts';

const POLL_MS = 100;

/** The state of a component as the runtime reports it. */
export async function stateOf(runtime: Runtime, component: string): Promise<string> {
  return (await runtime.status()).find(({ name }) => name === component)?.state ?? 'unknown';
}

/** The process of a component, if it runs. */
export const pidOf = async (runtime: Runtime, component: string): Promise<number | undefined> =>
  (await runtime.status()).find(({ name }) => name === component)?.pid;

/** Proof that components are in a state that they must not be in when all is well. */
export async function provenStates(
  runtime: Runtime,
  components: readonly string[],
  isBroken: (state: string) => boolean,
  expected: string,
): Promise<Finding> {
  const statuses = await runtime.status();
  const states = components.map(
    (component) =>
      [component, statuses.find(({ name }) => name === component)?.state ?? 'unknown'] as const,
  );
  return proof(
    states.every(([, state]) => isBroken(state)),
    expected,
    states.map(([component, state]) => `${component} ${state}`).join(', '),
  );
}

/** A finding on whether the fault happened: if not, the drill has proved nothing. */
export const proof = (happened: boolean, expected: string, observed: string): Finding => ({
  status: happened ? 'passed' : 'inconclusive',
  subject: 'the fault',
  expected,
  observed,
  ...(!happened && { reason: 'The fault did not happen, so that nothing was proved.' }),
});

/** Asks until the answer is yes, for so many seconds; whether it was. */
export async function comesTrue(seconds: number, ask: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    if (await ask().catch(() => false)) return true;
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
}

/** Whether a component's process has ended. */
export const hasEnded = (state: string): boolean =>
  state !== 'ready' && state !== 'not answering' && state !== 'unknown';
