import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreBackup, takeBackup, type Manifest, type RestoredTable } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { Finding } from '../../verdict.ts';
import { whyNoReplication } from '../capable.ts';
import { proof } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';

/** A table that all replicas of a shard have lost, so that only a backup has its rows. */
export const restoreBackupDrill: WritesDrill = {
  name: 'restore-backup',
  title: 'All replicas of a shard lose a table, and a backup brings it back',
  proves:
    'A backup that was taken before holds every row that was acknowledged until then: when the files of the table are gone from the disks of all replicas of a shard, restoring that shard brings back the same content on each, as the digests of the backup say, replicas agree again under their old names in coordination, and writes go on.',
  doesNotProve:
    'That rows survive which were written after the backup: they are lost with the disks. Nor that a backup survives the loss of its bucket.',
  destroysRows: true,
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 2,
  recoverySeconds: 120,
  unavailable(target) {
    return Promise.resolve(whyNoReplication(target) ?? whyNoBackups(target));
  },
  // A shard that has no table takes no rows.
  writes: () => 'refused',
  fault(target, { shard }, table) {
    const { runtime, deployment, backups } = target;
    if (backups === undefined) throw new RangeError('a platform without a bucket has no backups');
    const names = deployment.clickhouse.nodes
      .filter((node) => node.shard === shard)
      .map(({ name }) => name);
    const name = table.replaceAll('_', '-');
    const signal = new AbortController().signal;
    const onPhase = (): void => undefined;
    let manifest: Manifest | undefined;
    let restored: readonly RestoredTable[] = [];
    return Promise.resolve({
      undo: [
        ...names.map((component) => ({ kind: 'start', component }) as const),
        { kind: 'backup', name },
      ],
      async inject() {
        await using place = await backups();
        manifest = await takeBackup(place, { name, tables: [table], signal, onPhase });
        const files = await Promise.all(names.map((node) => filesOf(target, node, table)));
        await Promise.all(names.map((node) => runtime.kill(node)));
        for (const file of files.flat()) await rm(file, { recursive: true });
        await Promise.all(names.map((node) => runtime.start(node)));
      },
      async prove() {
        const have = await nodesWith(target, names, table);
        return proof(
          have.length === 0,
          `no replica of shard ${shard} has the table`,
          have.length === 0 ? 'none has it' : `${have.join(' and ')} have it`,
        );
      },
      async lift() {
        await using place = await backups();
        const wish = { name, shards: [shard], replace: false, signal, onPhase };
        restored = await restoreBackup(place, wish);
      },
      recovered: () => Promise.resolve([restoredFinding(manifest, restored, shard)]),
    });
  },
};

const whyNoBackups = ({ backups, runtime }: DrillTarget): string | undefined => {
  if (backups === undefined) {
    return 'the platform has no bucket for backups: start one with infra:up --with storage';
  }
  return runtime.dataFolder === undefined
    ? "the runtime gives no access to a node's disk"
    : undefined;
};

const filesRow = z.object({ data: z.array(z.string()), definition: z.string() });

/** The files of a table on a node: the folder of its rows, and its definition. @throws QueryError */
async function filesOf(
  { cluster, deployment, runtime }: DrillTarget,
  node: string,
  table: string,
): Promise<string[]> {
  const [found] = await cluster.node(node).query(
    `SELECT data_paths AS data, metadata_path AS definition FROM system.tables
     WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`,
    filesRow,
  );
  if (found === undefined) throw new RangeError(`${node} has no ${table}`);
  return [...found.data, join(runtime.dataFolder?.(node) ?? '', found.definition)];
}

/** Which of some nodes have a table. @throws QueryError */
async function nodesWith(
  { cluster, deployment }: DrillTarget,
  nodes: readonly string[],
  table: string,
): Promise<string[]> {
  const sql = `SELECT name FROM system.tables
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`;
  const found = await Promise.all(
    nodes.map(async (node) => {
      const rows = await cluster.node(node).query(sql, z.object({ name: z.string() }));
      return rows.length > 0 ? [node] : [];
    }),
  );
  return found.flat();
}

/** Whether the shard got as many rows as the backup held of it; that they are the same, restoring has proven. */
function restoredFinding(
  manifest: Manifest | undefined,
  restored: readonly RestoredTable[],
  shard: string,
): Finding {
  const held = manifest?.shards.find((one) => one.shard === shard)?.tables[0]?.contents[0]?.rows;
  const [table] = restored;
  const same = table !== undefined && table.restored && table.rows === held && table.rows > 0;
  return {
    status: same ? 'passed' : 'failed',
    subject: 'rows of the backup',
    expected: `${held ?? 'some'} rows of shard ${shard}, with the content that the backup recorded, on each replica`,
    observed:
      table === undefined
        ? 'nothing was restored'
        : `${table.rows} rows on ${table.nodes.join(' and ')}${table.restored ? '' : ', which were there'}`,
    ...(!same && { reason: 'The backup did not bring back what it held.' }),
  };
}
