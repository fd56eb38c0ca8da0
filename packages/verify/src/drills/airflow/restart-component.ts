import { pidOf, proof } from '../component-state.ts';
import type { Fault } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';

/** A component that is stopped and started again, proved by its process being another one. */
export async function restartFault({ runtime }: DrillTarget, component: string): Promise<Fault> {
  const before = await pidOf(runtime, component);
  return {
    undo: [{ kind: 'start', component }],
    inject: () => runtime.restart(component),
    async prove() {
      const after = await pidOf(runtime, component);
      return proof(
        before !== undefined && after !== undefined && before !== after,
        `${component} is another process than before`,
        `process ${after ?? 'none'}, before ${before ?? 'none'}`,
      );
    },
  };
}
