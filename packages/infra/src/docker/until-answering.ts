import { setTimeout as delay } from 'node:timers/promises';
import { ZodError } from 'zod';
import type { Progress } from '../runtime.ts';
import { askHealth } from './ask-health.ts';
import { describeTrouble, stateOf } from './container-status.ts';
import { containersOf, type Container } from './containers.ts';
import { docker, EngineError } from './engine.ts';

/** As long as Terraform waits for a container that it has made. */
const BUDGET_MS = 300_000;
const POLL_MS = 300;
/** One that hangs does not end by being asked to, and is not worth the time that others are given for it. */
const RESTART_SECONDS = 5;

export interface Waiting {
  /** A health check counts that began after this moment of the engine's clock. */
  readonly since: Date;
  /** What `askReady` gave since then. */
  readonly asked: Answers;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Whether containers that were asked passed their health checks, by their last start. */
export type Answers = ReadonlyMap<string, boolean>;

/** Asks every container of the platform that is healthy by its last check, side by side. */
export async function askReady(platform: string, signal: AbortSignal): Promise<Answers> {
  const ready = (await containersOf(platform)).filter(
    (container) => !container.job && stateOf(container).state === 'ready',
  );
  const asked = ready.map(
    async (container) => [startOf(container), await passesCheck(container, signal)] as const,
  );
  return new Map(await Promise.all(asked));
}

/**
 * Waits until every container but the jobs is healthy by a check of its own that began after `since`, so
 * that one that hangs is not taken for what it was. The engine asks one that was healthy seconds later, so it
 * is asked here, once, unless it was already; where that fails, the engine's checks decide. One that is paused goes on; one that is
 * unhealthy or has ended is started again, once. Gives the components that were helped.
 * @throws EngineError naming those that are not healthy in time, with their last words
 */
export async function untilAllAnswer(
  platform: string,
  { since, asked, progress, signal }: Waiting,
): Promise<readonly string[]> {
  const deadline = performance.now() + BUDGET_MS;
  const helped = new Set<string>();
  const waited = new Set<string>();
  const passed = new Map(asked);
  for (;;) {
    const containers = (await containersOf(platform)).filter(({ job }) => !job);
    const missing = containers.filter(
      (container) => !hasAnswered(container, since) && !passed.get(startOf(container)),
    );
    for (const { component } of containers) {
      if (waited.has(component) && !missing.some((one) => one.component === component)) {
        waited.delete(component);
        progress.ready(component, 0);
      }
    }
    if (missing.length === 0) return [...helped];
    if (performance.now() > deadline) {
      throw new EngineError(
        `Expected every part to answer within ${BUDGET_MS / 1000} s.${await describeTrouble(missing)}`,
      );
    }
    await Promise.all(
      missing.map(async (container) => {
        const { component } = container;
        const help = helpFor(container, since);
        if (help !== undefined && !helped.has(component)) {
          helped.add(component);
          progress.message(`${component} ${help.found}: ${help.done}.`);
          await docker([...help.words, container.id]);
        }
        if (!waited.has(component) && stateOf(container).state !== 'ready') {
          waited.add(component);
          progress.waiting(component);
        }
        const start = startOf(container);
        if (stateOf(container).state === 'ready' && !passed.has(start)) {
          passed.set(start, await passesCheck(container, signal));
        }
      }),
    );
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Whether a container passes its check now; not known of one that is gone, or whose check is of another form. */
async function passesCheck({ id }: Container, signal: AbortSignal): Promise<boolean> {
  try {
    return (await askHealth(id, signal)).healthy;
  } catch (error) {
    if (error instanceof EngineError || error instanceof ZodError) return false;
    throw error;
  }
}

/** Names a container since its last start. */
const startOf = ({ id, startedAt }: Container): string => `${id} ${startedAt.toISOString()}`;

/** Whether the container is healthy, and has passed its last check, which began after the moment. */
const hasAnswered = (container: Container, since: Date): boolean =>
  stateOf(container).state === 'ready' &&
  container.checkPassed === true &&
  container.checkedAt !== undefined &&
  container.checkedAt >= since;

/** What helps a container that waiting does not. */
function helpFor(
  { state, health, checkedAt, said }: Container,
  since: Date,
):
  { readonly words: readonly string[]; readonly found: string; readonly done: string } | undefined {
  if (state === 'paused') return { words: ['unpause'], found: 'was paused', done: 'it goes on' };
  if (state === 'exited' || state === 'created' || state === 'dead') {
    return { words: ['start'], found: 'does not run', done: 'it is started' };
  }
  if (state === 'running' && health === 'unhealthy' && checkedAt && checkedAt >= since) {
    const why = said === undefined ? '' : ` (${said.split('\n').at(-1) ?? ''})`;
    const words = ['restart', '--time', String(RESTART_SECONDS)];
    return { words, found: `is unhealthy${why}`, done: 'it is started again' };
  }
  return undefined;
}
