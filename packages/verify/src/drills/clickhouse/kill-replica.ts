import { whyNoPeer, withOneReplicaAway } from '../capable.ts';
import { hasEnded, provenStates } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';

/** A node that dies without a word. */
export const killReplica: WritesDrill = {
  name: 'kill-replica',
  title: 'A replica is killed (kill −9) during writes',
  proves:
    'What a node had acknowledged before it was killed in the middle of writes is there after its restart, and what was written meanwhile arrives from its peer.',
  doesNotProve:
    'That a loss of power is survived: what the operating system had not written to the disk is still there after kill −9.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 45,
  unavailable: (target) => Promise.resolve(whyNoPeer(target)),
  writes: withOneReplicaAway,
  fault: ({ runtime }, { node }) =>
    Promise.resolve({
      undo: [{ kind: 'start', component: node }],
      inject: () => runtime.kill(node),
      prove: () => provenStates(runtime, [node], hasEnded, `${node} has ended`),
    }),
};
