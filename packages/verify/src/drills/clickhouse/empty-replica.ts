import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { whyNoPeer, whyNoReplication, withOneReplicaAway } from '../capable.ts';
import { proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';

/**
 * A node that comes back with an empty disk. It gets the definitions of its tables from its peer and
 * the flag by which it fetches all parts
 * (https://clickhouse.com/docs/engines/table-engines/mergetree-family/replication#recovery-after-complete-data-loss).
 */
export const emptyReplica: WritesDrill = {
  name: 'empty-replica',
  title: 'A replica comes back with an empty disk',
  proves:
    'A node that has lost its whole disk is rebuilt from its peer, by the procedure that the documentation of ClickHouse gives, while writes go on.',
  doesNotProve:
    'That rows survive which the lost disk alone had: without a quorum an insert is acknowledged by one replica. Nor how long it takes with more data than a drill has.',
  destroysRows: true,
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 90,
  async unavailable(target) {
    const cannot = whyNoReplication(target) ?? whyNoPeer(target);
    if (cannot !== undefined) return cannot;
    if (target.runtime.dataFolder === undefined)
      return "the runtime gives no access to a node's disk";
    const alone = await tablesWithoutReplicas(target);
    return alone.length === 0
      ? undefined
      : `it would destroy tables that have no replica: ${alone.join(', ')}`;
  },
  writes: withOneReplicaAway,
  fault({ runtime }, { node, peer = node }) {
    const own = runtime.dataFolder?.(node) ?? '';
    return Promise.resolve({
      undo: [{ kind: 'rebuild', component: node, peer }],
      async inject() {
        await runtime.kill(node);
        await emptyFolder(own);
      },
      async prove() {
        const left = await readdir(own);
        return proof(
          left.length === 0,
          `nothing in the data folder of ${node}`,
          `${left.length} entries`,
        );
      },
    });
  },
};

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

/** Tables that are on one node alone, such as `clickhouse-01: default.notes`. @throws QueryError */
async function tablesWithoutReplicas({ cluster }: DrillTarget): Promise<string[]> {
  const sql = `SELECT concat(database, '.', name) AS name FROM system.tables
    WHERE database != 'system' AND engine LIKE '%MergeTree' AND engine NOT LIKE 'Replicated%'`;
  const found = await Promise.all(
    cluster.nodes.map(async (client) =>
      (await client.query(sql, z.object({ name: z.string() }))).map(
        ({ name }) => `${client.node.name}: ${name}`,
      ),
    ),
  );
  return found.flat();
}
