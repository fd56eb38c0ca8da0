import { groupOf, type Runtime } from '@provehouse/infra';
import { ProvehouseError } from '@provehouse/secrets';
import { pidOf } from '../component-state.ts';

/** Thrown when a component's packets cannot be told apart from another's. */
export class ComponentGroupError extends ProvehouseError {
  override readonly name = 'ComponentGroupError';
}

/** The group under which a component runs, by which the packet filter knows it. @throws ComponentGroupError */
export async function groupOfComponent(runtime: Runtime, component: string): Promise<number> {
  const pid = await pidOf(runtime, component);
  if (pid === undefined) {
    throw new ComponentGroupError(`Expected ${component} to run, found no process.`);
  }
  return groupOf(pid);
}

/** Why the packet filter cannot tell components apart, if so. */
export async function whyNotTold(
  runtime: Runtime,
  components: readonly string[],
): Promise<string | undefined> {
  const groups = await Promise.all(
    components.map(async (name) => groupOf((await pidOf(runtime, name)) ?? process.pid)),
  );
  return new Set([...groups, await groupOf(process.pid)]).size === components.length + 1
    ? undefined
    : 'its processes do not run under groups of their own, by which the packet filter could tell them apart';
}
