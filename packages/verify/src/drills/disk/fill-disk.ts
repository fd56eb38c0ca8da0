import { whyNoPeer, whyNoReplication, withOneReplicaAway } from '../capable.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import { enlargeSmallDisk, freeBytes, mountSmallDisk, whyNotMounted } from './small-disk.ts';
import { tableFolder } from './table-folder.ts';

const SMALL = 512 * 1024;
const LARGE = 256 * 1024 ** 2;
/** Less than this is full: a batch does not fit. */
const FULL = 64 * 1024;

/**
 * WriteBufferFromFileDescriptor::nextImpl of chdb's source (src/IO) goes on when write(2) fails, where
 * ClickHouse throws an exception; strace shows it on 26.7.2. What is then lost differs from run to run.
 */
const IGNORES_FAILED_WRITES =
  'the embedded engine ignores writes that fail on a full disk, and acknowledges rows that it did not write: start ClickHouse servers with infra:up --engine server';

/** A disk that runs full on one node alone. */
export const fillDisk: WritesDrill = {
  name: 'fill-disk',
  title: "One node's disk runs full during writes",
  proves:
    'A node whose disk is full refuses writes and goes on reading, its peer accepts them, and with room on the disk it catches up; no part is left half written.',
  doesNotProve:
    'That logs and the metadata of other tables have room: only the table’s folder is small.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 4,
  recoverySeconds: 90,
  async unavailable(target) {
    if (target.deployment.engine === 'chdb') return IGNORES_FAILED_WRITES;
    const cannot = whyNoReplication(target) ?? whyNoPeer(target) ?? (await whyNotMounted());
    if (cannot !== undefined) return cannot;
    return target.runtime.dataFolder === undefined
      ? "the runtime gives no access to a node's disk"
      : undefined;
  },
  writes: withOneReplicaAway,
  async fault(target, { node }, table) {
    const folder = await tableFolder(target, node, table);
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
