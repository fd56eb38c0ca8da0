import { existsSync } from 'node:fs';
import { z } from 'zod';
import { quoteText } from '../../clickhouse/cluster.ts';
import { whyNoPeer, whyNoReplication } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { enlargeSmallDisk, freeBytes, mountSmallDisk, whyNotMounted } from './small-disk.ts';

const SMALL = 512 * 1024;
const LARGE = 256 * 1024 ** 2;
/** Less than this is full: a batch does not fit. */
const FULL = 64 * 1024;

/** A disk that runs full on one node alone. */
export const fillDisk: WritesDrill = {
  name: 'fill-disk',
  title: "One node's disk runs full during writes",
  proves:
    'A node whose disk is full refuses writes and goes on reading, its peer accepts them, and with room on the disk it catches up; no part is left half written.',
  doesNotProve:
    'That logs and the metadata of other tables have room: only the table’s folder is small.',
  workload: 'writes',
  holdSeconds: 4,
  recoverySeconds: 90,
  async unavailable(target) {
    const cannot = whyNoReplication(target) ?? whyNoPeer(target) ?? (await whyNotMounted());
    if (cannot !== undefined) return cannot;
    return target.runtime.dataFolder === undefined
      ? "the runtime gives no access to a node's disk"
      : undefined;
  },
  writes: () => 'accepted',
  async fault(target, { node }, table) {
    const folder = await folderOf(target, node, table);
    return {
      undo: [{ kind: 'disk', folder }],
      // A folder in use cannot be changed under the node: its disk is small from the start.
      prepare: () => mountSmallDisk(folder, LARGE),
      async inject() {
        const used = LARGE - (await freeBytes(folder));
        await enlargeSmallDisk(folder, used + SMALL);
      },
      async prove() {
        const full = await comesTrue(20, async () => (await freeBytes(folder)) < FULL);
        const free = await freeBytes(folder);
        return proof(
          full,
          `less than ${FULL} bytes are free for the table on ${node}`,
          `${free} bytes`,
        );
      },
      lift: () => enlargeSmallDisk(folder, LARGE),
    };
  },
};

/** The folder of a table on a node's disk. @throws RangeError */
async function folderOf({ cluster, deployment }: DrillTarget, node: string, table: string) {
  const sql = `SELECT data_paths AS paths FROM system.tables
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`;
  const old = sql.replace('data_paths AS paths', '[data_path] AS paths');
  const row = z.object({ paths: z.array(z.string()) });
  const client = cluster.node(node);
  const [found] = await client.query(sql, row).catch(() => client.query(old, row));
  const [folder] = found?.paths ?? [];
  if (folder === undefined || !existsSync(folder)) {
    throw new RangeError(`${node} does not say where the files of ${table} are`);
  }
  return folder.replace(/\/$/, '');
}
