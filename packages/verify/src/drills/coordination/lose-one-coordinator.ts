import { whyNoEnsemble } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import { describeEnsemble, ensembleState } from './ensemble-state.ts';

/** The loss that three coordinators are there for. */
export const loseOneCoordinator: WritesDrill = {
  name: 'lose-one-coordinator',
  title: 'One of three coordinators is killed during writes',
  proves:
    'Writes go on with two of three coordinators: nodes that were connected to the lost one find another, and no row is lost.',
  doesNotProve:
    'That no single insert is refused: a node whose session was with the lost coordinator refuses until it has a new one, and clients try another node.',
  workload: 'writes',
  guarantee: 'quorum',
  holdSeconds: 3,
  patienceSeconds: 20,
  recoverySeconds: 30,
  unavailable: (target) => Promise.resolve(whyNoEnsemble(target)),
  writes: () => 'accepted',
  fault(target, { coordinators: [victim = ''] }) {
    return Promise.resolve({
      undo: [{ kind: 'start', component: victim }],
      inject: () => target.runtime.kill(victim),
      async prove() {
        const others = await comesTrue(15, async () => (await ensembleState(target)).size === 2);
        const states = await ensembleState(target);
        return proof(
          others && !states.has(victim),
          `${victim} serves no more, the others do`,
          describeEnsemble(states),
        );
      },
    });
  },
};
