import { z } from 'zod';
import { tableName } from '../../clickhouse/cluster.ts';
import type { Finding } from '../../verdict.ts';
import { whyNoEnsemble } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { describeEnsemble, ensembleState } from './ensemble-state.ts';

/** More coordinators than may be lost. */
export const loseQuorum: WritesDrill = {
  name: 'lose-quorum',
  title: 'Two of three coordinators are killed during writes',
  proves:
    'Without a quorum writes are refused with a reason instead of being accepted by one replica, reads go on, and with the coordinators writes come back and nothing is lost.',
  doesNotProve: 'That coordinators whose disks are lost can be restored.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 4,
  recoverySeconds: 60,
  unavailable: (target) => Promise.resolve(whyNoEnsemble(target)),
  writes: () => 'refused',
  fault(target, { coordinators }, table) {
    const victims = coordinators.slice(0, 2);
    return Promise.resolve({
      undo: victims.map((component) => ({ kind: 'start', component }) as const),
      inject: async () => {
        await Promise.all(victims.map((victim) => target.runtime.kill(victim)));
      },
      async prove() {
        const gone = await comesTrue(10, async () => (await ensembleState(target)).size === 0);
        const states = describeEnsemble(await ensembleState(target));
        return proof(gone, 'no coordinator serves', states);
      },
      during: () => judgeReads(target, table),
      lift: async () => {
        // One alone would wait in vain for a quorum.
        await Promise.all(victims.map((victim) => target.runtime.start(victim)));
      },
    });
  },
};

const countRow = z.object({ rows: z.coerce.number() });

/** Whether every node still reads its rows. */
const judgeReads = async (
  { cluster, deployment }: DrillTarget,
  table: string,
): Promise<Finding[]> => {
  const sql = `SELECT count() AS rows FROM ${tableName(deployment, table)}`;
  return Promise.all(
    cluster.nodes.map(async (client): Promise<Finding> => {
      const about = {
        subject: 'reads while it lasted',
        node: client.node.name,
        expected: 'the rows that the node has',
        sql: [sql],
      };
      try {
        const [row] = await client.query(sql, countRow);
        const rows = row?.rows ?? 0;
        return { ...about, status: rows > 0 ? 'passed' : 'failed', observed: `${rows} rows` };
      } catch (error) {
        const observed = error instanceof Error ? error.message : String(error);
        return { ...about, status: 'failed', observed, reason: 'Reads need no coordination.' };
      }
    }),
  );
};
