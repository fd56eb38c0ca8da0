import { whyNoPeer, withOneReplicaAway } from '../capable.ts';
import { hasEnded, provenStates } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';

/** A node that is stopped as for maintenance. */
export const stopReplica: WritesDrill = {
  name: 'stop-replica',
  title: 'A replica is stopped during writes',
  proves:
    'A node that is shut down in good order and started again has every row; meanwhile replicated tables accept writes through the others, and a Distributed table that writes to all replicas refuses them clearly.',
  doesNotProve: 'That a longer absence, in which logs are cut off, is survived.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 45,
  unavailable: (target) => Promise.resolve(whyNoPeer(target)),
  writes: withOneReplicaAway,
  fault: ({ runtime }, { node }) =>
    Promise.resolve({
      undo: [{ kind: 'start', component: node }],
      inject: () => runtime.stop(node),
      prove: () => provenStates(runtime, [node], hasEnded, `${node} has ended`),
    }),
};
