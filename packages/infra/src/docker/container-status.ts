import { setTimeout as delay } from 'node:timers/promises';
import { $ } from 'zx';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import type { ComponentStatus } from '../runtime.ts';
import { hasPage } from './components.ts';
import { containersOf, findContainer, memoryOf, type Container } from './containers.ts';
import { lastLinesOf } from '../system/last-lines.ts';
import { EngineError } from './engine.ts';

/** After so many ends of a container it is not expected to get up. */
const CRASHES = 3;

/** How every container is; jobs that have ended well are not mentioned. */
export async function containerStatus(
  platform: string,
  descriptors: readonly ComponentDescriptor[],
): Promise<readonly ComponentStatus[]> {
  const containers = (await containersOf(platform)).filter(
    ({ job, state, exitCode }) => !job || state !== 'exited' || exitCode !== 0,
  );
  const memory = await memoryOf(containers);
  return containers.map((container) => {
    const { id, component, kind, pid, startedAt, published } = container;
    // One that does not run has none.
    const [address] = published;
    const bytes = memory.get(id);
    const { state, reason } = stateOf(container);
    return {
      ...{ name: component, kind, state },
      ...(reason !== undefined && { reason }),
      ...(pid > 0 && { pid, uptimeSeconds: (Date.now() - startedAt.getTime()) / 1000 }),
      ...(address !== undefined && {
        address,
        ...(hasPage(descriptors, component) && { url: `http://${address}` }),
      }),
      ...(bytes !== undefined && { memoryBytes: bytes }),
    };
  });
}

/** A container's state in the words of all runtimes. */
export function stateOf({
  state,
  exitCode,
  health,
  said,
}: Pick<Container, 'state' | 'exitCode' | 'health' | 'said'>): {
  readonly state: string;
  readonly reason?: string;
} {
  if (state === 'exited' || state === 'dead') return { state: `exited with code ${exitCode}` };
  if (state !== 'running') return { state };
  if (health === 'healthy') return { state: 'ready' };
  const reason = said ?? (health === undefined ? 'it has no health check' : `health: ${health}`);
  return { state: 'not answering', reason };
}

/**
 * Waits until a container that was just started is healthy.
 * @throws EngineError with its last words when it ends or is not healthy within the time
 */
export async function untilHealthy(
  platform: string,
  component: string,
  budgetSeconds = 180,
): Promise<void> {
  const deadline = Date.now() + budgetSeconds * 1000;
  for (;;) {
    const container = await findContainer(platform, component);
    const { state, reason } = stateOf(container);
    if (state === 'ready') return;
    const ended = container.state !== 'running' && container.state !== 'restarting';
    if (ended || Date.now() > deadline) {
      const why = reason === undefined ? state : `${state}: ${reason}`;
      throw new EngineError(`${component} is not healthy (${why}).${await lastLines(container)}`);
    }
    await delay(250);
  }
}

/**
 * Rejects as soon as a container has ended and been started again several times, which waiting will not
 * repair; resolves once the signal is aborted.
 * @throws EngineError naming the containers
 */
export async function watchForCrashes(platform: string, signal: AbortSignal): Promise<void> {
  const before = new Map((await containersOf(platform)).map(({ id, restarts }) => [id, restarts]));
  while (!signal.aborted) {
    const crashing = (await containersOf(platform)).filter(
      ({ id, restarts }) => restarts - (before.get(id) ?? 0) >= CRASHES,
    );
    if (crashing.length > 0) {
      const names = crashing.map(({ component }) => component).join(', ');
      throw new EngineError(`${names}: the container ends again and again.`);
    }
    await delay(1000, undefined, { signal }).catch(() => undefined);
  }
}

/** The last lines of each container that is not as it must be, for the error of a failed start. */
export async function lastWords(platform: string): Promise<string> {
  const unhealthy = (await containersOf(platform)).filter(
    (container) =>
      stateOf(container).state !== 'ready' && !(container.job && container.exitCode === 0),
  );
  return describeTrouble(unhealthy);
}

/** The last lines of containers, for an error. */
export const describeTrouble = async (containers: readonly Container[]): Promise<string> =>
  (await Promise.all(containers.map(lastLines))).join('');

async function lastLines(container: Container): Promise<string> {
  const { id, component, said } = container;
  const { stdout, stderr } = await $({ quiet: true, nothrow: true })`docker logs --tail 300 ${id}`;
  const lines = lastLinesOf(`${stdout}${stderr}`).map((line) => `\n  ${line}`);
  const check = said === undefined ? '' : `\n  health check: ${said}`;
  return `\nLast lines of ${component} (${stateOf(container).state}):${lines.join('')}${check}\nMore: npx nx run infra:logs ${component}`;
}
