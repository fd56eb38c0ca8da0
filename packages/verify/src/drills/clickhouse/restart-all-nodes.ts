import { pidOf, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';

/** The whole cluster at once. */
export const restartAllNodes: WritesDrill = {
  name: 'restart-all-nodes',
  title: 'All nodes are killed and started at once during writes',
  proves:
    'After all nodes have been killed in the middle of writes and started together, every acknowledged row is there on all replicas, and writes are accepted again.',
  doesNotProve: 'That a loss of power is survived.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 1,
  recoverySeconds: 60,
  unavailable: () => Promise.resolve(undefined),
  writes: () => 'refused',
  async fault({ runtime, deployment }) {
    const names = deployment.clickhouse.nodes.map(({ name }) => name);
    const before = await Promise.all(names.map((name) => pidOf(runtime, name)));
    return {
      undo: names.map((component) => ({ kind: 'start', component }) as const),
      inject: async () => {
        await Promise.all(names.map((name) => runtime.kill(name)));
      },
      async prove() {
        const pids = await Promise.all(names.map((name) => pidOf(runtime, name)));
        const ended = pids.every((pid, index) => pid !== before[index]);
        return proof(
          ended && before.every((pid) => pid !== undefined),
          'no node has the process that it had',
          ended ? 'all have ended' : 'some still run',
        );
      },
      lift: async () => {
        await Promise.all(names.map((name) => runtime.start(name)));
      },
    };
  },
};
