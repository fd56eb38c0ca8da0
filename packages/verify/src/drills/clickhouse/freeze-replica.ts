import { whyNoPeer, whyNoReplication, withOneReplicaAway } from '../capable.ts';
import { comesTrue, proof, stateOf } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import { activeReplicas } from '../replica-activity.ts';

/** A node that hangs for longer than coordination waits for it. */
export const freezeReplica: WritesDrill = {
  name: 'freeze-replica',
  title: 'A replica hangs (SIGSTOP) for longer than its session',
  proves:
    'A node that accepts connections and answers none is given up by coordination; writes go on through other nodes, and when it wakes up it fetches what it missed and writes nothing of its own past.',
  doesNotProve:
    'That clients without a time limit of their own are served: they wait for the node.',
  workload: 'writes',
  guarantee: 'single',
  // The proof takes longer: a session has expired.
  holdSeconds: 4,
  recoverySeconds: 60,
  unavailable: (target) => Promise.resolve(whyNoReplication(target) ?? whyNoPeer(target)),
  writes: withOneReplicaAway,
  fault: (target, { node, peer = node }, table) =>
    Promise.resolve({
      undo: [{ kind: 'thaw', component: node }],
      inject: () => target.runtime.freeze(node),
      async prove() {
        const { sessionTimeoutMs = 30_000 } = target.deployment.clickhouse.coordination ?? {};
        const [expired, state] = await Promise.all([
          comesTrue(
            (sessionTimeoutMs * 2.5) / 1000,
            async () => (await activeReplicas(target, peer, table)) === 1,
          ),
          stateOf(target.runtime, node),
        ]);
        return proof(
          expired && state === 'not answering',
          `${node} does not answer, and coordination counts one active replica`,
          `${node} ${state}; ${expired ? 'one active replica' : 'its session still counts'}`,
        );
      },
    }),
};
