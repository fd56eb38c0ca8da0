import { whyNoEnsemble } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import { describeEnsemble, ensembleState, leaderOf } from './ensemble-state.ts';

/** The coordinator that all changes go through. */
export const killLeader: WritesDrill = {
  name: 'kill-leader',
  title: 'The leader of the coordinators is killed during writes',
  proves:
    'The other coordinators elect a new leader, writes are accepted again while the old one is away, and no row is lost.',
  doesNotProve:
    'That a network that falls apart in two is survived: see the drills that cut nodes off.',
  workload: 'writes',
  guarantee: 'quorum',
  holdSeconds: 3,
  patienceSeconds: 20,
  recoverySeconds: 30,
  unavailable: (target) => Promise.resolve(whyNoEnsemble(target)),
  writes: () => 'accepted',
  async fault(target) {
    const leader = (await leaderOf(target)) ?? '';
    return {
      undo: [{ kind: 'start', component: leader }],
      inject: () => target.runtime.kill(leader),
      async prove() {
        const other = await comesTrue(15, async () => {
          const now = await leaderOf(target);
          return now !== undefined && now !== leader;
        });
        return proof(
          other && leader !== '',
          `another leader than ${leader}`,
          describeEnsemble(await ensembleState(target)),
        );
      },
    };
  },
};
