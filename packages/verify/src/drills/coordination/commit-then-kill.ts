import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import { tableName } from '../../clickhouse/cluster.ts';
import { whyNoEnsemble, whyNoPeer, whyNoReplication } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import { tableFolder } from '../disk/table-folder.ts';
import type { Fault, Workload, WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { KnownLoss } from '../known-loss.ts';
import { replicaActivity } from '../replica-activity.ts';
import type { Schedule } from '../schedule.ts';

/** How long the mutation of a batch takes at most, so that it can be caught at its work. */
const MUTATION_SECONDS = 2;
/** How soon a table that came up without coordination asks for it again; a server's default is 60. */
const RETRY_SECONDS = 2;

/**
 * Found on 26.7.2 in a soak, and brought about since: a table that is loaded without coordination takes
 * every part on the disk for good (StorageReplicatedMergeTree, loadDataParts without expected parts).
 */
const sourcesRemoved: KnownLoss = {
  fault:
    'A table that is loaded while coordination is away takes a mutated part that was never committed for a good one; with old_parts_lifetime = 0, which is the embedded engine’s own default, the part that it was made of is removed from the disk and from coordination at once.',
  protection:
    'insert_quorum keeps from it, and so does old_parts_lifetime (480 s are a server’s default, and what Provehouse sets) unless the other replicas cannot fetch for that long. The rows are in detached/ignored_… of the node after its next start: with the prefix taken away, ALTER TABLE … ATTACH PART brings them back.',
  isIn: async ({ cluster, deployment }, table) => {
    const sql = `SELECT extract(engine_full, 'old_parts_lifetime = (\\d+)') AS own,
        (SELECT value FROM system.merge_tree_settings WHERE name = 'old_parts_lifetime') AS usual
      FROM system.tables
      WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`;
    const row = z.object({ own: z.string(), usual: z.string() });
    const answers = await Promise.all(cluster.nodes.map((node) => node.query(sql, row)));
    return answers.flat().some(({ own, usual }) => (own || usual) === '0');
  },
};

/** A node that dies after its disk has a part, and before coordination has it. */
export const commitThenKill: WritesDrill = {
  name: 'commit-then-kill',
  title: 'A node dies between a mutation and its commit, and starts without coordination',
  proves:
    'Rows that one replica had acknowledged are still there after it was killed with their part mutated on the disk and not committed, was started while coordination was away, and was started again with it.',
  doesNotProve:
    'That a merge is survived that is hit in the same moment, which takes the same way, or that a loss of power is.',
  workload: 'writes',
  guarantee: 'single',
  knownLoss: sourcesRemoved,
  holdSeconds: 1,
  recoverySeconds: 120,
  unavailable: (target) =>
    Promise.resolve(
      whyNoReplication(target) ??
        whyNoPeer(target) ??
        whyNoEnsemble(target) ??
        (target.runtime.dataFolder === undefined
          ? "the runtime gives no access to a node's disk"
          : undefined),
    ),
  writes: () => 'refused',
  fault: commitThenKillFault,
};

async function commitThenKillFault(
  target: DrillTarget,
  { node, peer = node, coordinators, batchRows }: Schedule,
  table: string,
  workload: Workload,
): Promise<Fault> {
  const { runtime, cluster, deployment } = target;
  const name = tableName(deployment, table);
  const folder = await tableFolder(target, node, table);
  const start = async (): Promise<void> => {
    await Promise.all(coordinators.map((coordinator) => runtime.start(coordinator)));
  };
  let mutated: string | undefined;
  let taken = false;

  return {
    undo: [...coordinators, node].map((component) => ({ kind: 'start', component }) as const),
    async prepare() {
      // Nothing is merged, so that the part is what it was until the mutation comes.
      const sql = `ALTER TABLE ${name} MODIFY SETTING initialization_retry_period = ${RETRY_SECONDS},
        max_bytes_to_merge_at_max_space_in_pool = 1`;
      await Promise.all([node, peer].map((each) => cluster.node(each).command(sql)));
    },
    async inject() {
      // With a quorum the other replica must have the rows; without one it may be behind.
      if (workload.guarantee === 'single') {
        await cluster.node(peer).command(`SYSTEM STOP FETCHES ${name}`);
      }
      const batch = await batchOn(workload, node);
      const part = await partOf(target, node, table, batch);
      await cluster.node(node).command(
        `ALTER TABLE ${name} UPDATE payload = if(sleepEachRow(${MUTATION_SECONDS / batchRows}) = 0, payload, '')
         WHERE batch = ${batch} SETTINGS mutations_sync = 0`,
      );
      if (!(await comesTrue(30, () => isMutating(target, node, table, part)))) {
        throw new RangeError(`${node} has not begun to mutate ${part} after 30 s`);
      }
      await Promise.all(coordinators.map((coordinator) => runtime.freeze(coordinator)));
      await comesTrue(MUTATION_SECONDS * 5, async () => {
        mutated = (await readdir(folder)).find((entry) => isMutationOf(entry, part));
        return mutated !== undefined;
      });
      await runtime.kill(node);
      await Promise.all(coordinators.map((coordinator) => runtime.kill(coordinator)));
      await runtime.start(node);
      taken = await comesTrue(30, async () => {
        const isReadonly = (await replicaActivity(target, node, table))?.readonly === true;
        return isReadonly && (await partOf(target, node, table, batch)) === mutated;
      });
    },
    prove: () =>
      Promise.resolve(
        proof(
          mutated !== undefined && taken,
          `${node} has taken a part that coordination has not, in ${join(basename(dirname(folder)), basename(folder))}`,
          mutated === undefined
            ? 'no mutated part on the disk'
            : `${mutated} is ${taken ? '' : 'not '}active on ${node}, without coordination`,
        ),
      ),
    async lift() {
      await start();
      await cluster.node(peer).command(`SYSTEM START FETCHES ${name}`);
      await comesTrue(60, async () => {
        return (await replicaActivity(target, node, table))?.readonly === false;
      });
      // Only a start with coordination sorts out what the start without it has taken.
      await runtime.restart(node);
    },
  };
}

/** Sends batches until the node has accepted one itself; the batch. @throws RangeError */
async function batchOn(workload: Workload, node: string): Promise<number> {
  for (let tries = 0; tries < 4; tries += 1) {
    const batch = workload.attempted;
    if (await workload.sendTo(node)) return batch;
  }
  throw new RangeError(`${node} accepts no batch`);
}

/** The active part that holds a batch on a node. @throws QueryError, RangeError */
async function partOf(
  { cluster, deployment }: DrillTarget,
  node: string,
  table: string,
  batch: number,
): Promise<string> {
  const sql = `SELECT DISTINCT _part AS part FROM ${tableName(deployment, table)} WHERE batch = ${batch}`;
  const [row] = await cluster.node(node).query(sql, z.object({ part: z.string() }));
  if (row === undefined) throw new RangeError(`${node} has no part with batch ${batch}`);
  return row.part;
}

/** Whether a node is at a mutation of a part. @throws QueryError */
async function isMutating(
  { cluster, deployment }: DrillTarget,
  node: string,
  table: string,
  part: string,
): Promise<boolean> {
  const sql = `SELECT result_part_name AS part FROM system.merges WHERE is_mutation
    AND database = ${quoteText(deployment.clickhouse.database)} AND table = ${quoteText(table)}`;
  const merges = await cluster.node(node).query(sql, z.object({ part: z.string() }));
  return merges.some((merge) => isMutationOf(merge.part, part));
}

/** Whether a part is another one after a mutation: its name has the mutation's version at its end. */
const isMutationOf = (name: string, part: string): boolean =>
  name.startsWith(`${part}_`) && /^\d+$/.test(name.slice(part.length + 1));
