import { rm } from 'node:fs/promises';
import { letPacketsPass, removeObjects } from '@provehouse/infra';
import { quoteName } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { rebuildReplica } from './clickhouse/rebuild-replica.ts';
import { unmountSmallDisk } from './disk/small-disk.ts';
import type { DrillTarget } from './drill-target.ts';
import { reviveSurvivors } from './survivors.ts';

/** What puts a platform right, as data, so that it outlives the process that broke the platform. */
export const undoSchema = z.discriminatedUnion('kind', [
  /** Let a frozen component run. */
  z.strictObject({ kind: z.literal('thaw'), component: z.string() }),
  /** Start a component that does not run. */
  z.strictObject({ kind: z.literal('start'), component: z.string() }),
  /** Start a node whose disk may have been emptied, with the definitions of its peer. */
  z.strictObject({ kind: z.literal('rebuild'), component: z.string(), peer: z.string() }),
  /** Let packets pass that a mark names. */
  z.strictObject({ kind: z.literal('packets'), mark: z.string() }),
  /** Take a small file system away. */
  z.strictObject({ kind: z.literal('disk'), folder: z.string() }),
  /** Remove a file. */
  z.strictObject({ kind: z.literal('file'), path: z.string() }),
  /** Drop tables on every node. */
  z.strictObject({ kind: z.literal('tables'), names: z.array(z.string()) }),
  /** Remove a backup, or what there is of one. */
  z.strictObject({ kind: z.literal('backup'), name: z.string() }),
]);

export type Undo = z.infer<typeof undoSchema>;

/** Thrown when a platform could not be put right; names everything that failed. */
export class UndoError extends AggregateError {
  override readonly name = 'UndoError';
}

/** Does one of them; repeating it changes nothing. */
export async function undo(target: DrillTarget, entry: Undo): Promise<void> {
  switch (entry.kind) {
    case 'thaw':
      return unlessReady(target, entry.component, 'thaw');
    case 'start':
      return unlessReady(target, entry.component, 'start');
    case 'rebuild':
      return rebuildReplica(target.runtime, entry.component, entry.peer);
    case 'packets':
      return letPacketsPass(entry.mark);
    case 'disk':
      return unmountSmallDisk(entry.folder);
    case 'file':
      return rm(entry.path, { force: true });
    case 'tables':
      return dropTables(target, entry.names);
    case 'backup':
      return dropBackup(target, entry.name);
  }
}

/**
 * Does all of them, one after the other; those that fail do not keep the others from being done.
 * @throws UndoError
 */
export async function undoAll(target: DrillTarget, entries: readonly Undo[]): Promise<void> {
  const failures: unknown[] = [];
  for (const entry of entries) {
    await undo(target, entry).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw new UndoError(failures, `The platform could not be put right: ${failures.join('; ')}`);
  }
}

async function unlessReady(
  { runtime }: DrillTarget,
  component: string,
  verb: 'start' | 'thaw',
): Promise<void> {
  const status = (await runtime.status()).find(({ name }) => name === component);
  if (status?.state !== 'ready') await runtime[verb](component);
}

async function dropBackup({ backups }: DrillTarget, name: string): Promise<void> {
  if (backups === undefined) return;
  await using place = await backups();
  await removeObjects(place, name);
}

async function dropTables(target: DrillTarget, names: readonly string[]): Promise<void> {
  const { cluster, deployment } = target;
  // One that ended by itself still has its tables.
  await reviveSurvivors(target);
  await Promise.all(
    cluster.nodes.map(async (node) => {
      for (const name of names) {
        const table = `${quoteName(deployment.clickhouse.database)}.${quoteName(name)}`;
        await node.command(`DROP TABLE IF EXISTS ${table}`);
      }
    }),
  );
}
