import { whyNoEnsemble } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import { replicaActivity } from '../replica-activity.ts';
import { setTimeout as delay } from 'node:timers/promises';

/** Every node loses its session at once, although no node has failed. */
export const expireSessions: WritesDrill = {
  name: 'expire-sessions',
  title: 'The coordinators hang until every session has expired',
  proves:
    'When coordination hangs for longer than sessions last, tables turn read-only instead of going apart, every node gets a new session afterwards, and nothing is lost.',
  doesNotProve:
    'That clients notice before their own time limit: an insert that is under way waits.',
  workload: 'writes',
  guarantee: 'single',
  // The proof takes longer: a session has expired.
  holdSeconds: 4,
  recoverySeconds: 60,
  unavailable: (target) => Promise.resolve(whyNoEnsemble(target)),
  writes: () => 'refused',
  fault(target, { coordinators, node }, table) {
    const { runtime, deployment } = target;
    const thawed = coordinators.map((component) => ({ kind: 'thaw', component }) as const);
    return Promise.resolve({
      undo: thawed,
      inject: async () => {
        await Promise.all(coordinators.map((coordinator) => runtime.freeze(coordinator)));
      },
      async prove() {
        const { sessionTimeoutMs = 30_000 } = deployment.clickhouse.coordination ?? {};
        const begin = performance.now();
        const readonly = await comesTrue(
          (sessionTimeoutMs * 4) / 1000,
          async () => (await replicaActivity(target, node, table))?.readonly === true,
        );
        const left = sessionTimeoutMs * 1.2 - (performance.now() - begin);
        if (left > 0) await delay(left);
        return proof(
          readonly,
          `${node} has no session, and its table is read-only`,
          readonly ? 'read-only' : 'still writable',
        );
      },
    });
  },
};
