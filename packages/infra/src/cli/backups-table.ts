import type { ListedBackup, Manifest, RestoredTable } from '../backup/index.ts';
import { padTable } from './pad-table.ts';

const HEADINGS = ['BACKUP', 'TAKEN', 'BASED ON', 'SHARDS', 'TABLES', 'ROWS', 'SIZE'];

/** The rows of a backup: those of one replica of each shard. */
export const rowsOf = ({ shards }: Manifest): number =>
  shards
    .flatMap(({ tables }) => tables.map(({ contents }) => contents[0]?.rows ?? 0))
    .reduce((sum, rows) => sum + rows, 0);

/** The bytes of a backup's own objects, without those of its base. */
export const bytesOf = ({ shards }: Manifest): number =>
  shards
    .flatMap(({ objects }) => objects.map(({ size }) => size))
    .reduce((sum, size) => sum + size, 0);

/** Backups as a table in plain text; below it why some cannot be restored. */
export function backupsTable(backups: readonly ListedBackup[]): string {
  if (backups.length === 0) return 'There are no backups.\n';
  const rows = backups.map((backup) => {
    if (!('manifest' in backup)) return [backup.name, 'not whole (see below)'];
    const { name, createdAt, base, shards } = backup.manifest;
    const tables = new Set(shards.flatMap(({ tables: of }) => of.map((table) => table.name)));
    return [
      ...[name, createdAt.replace(/\.\d+Z$/, 'Z'), base?.name ?? '', String(shards.length)],
      ...[String(tables.size), String(rowsOf(backup.manifest)), megabytes(backup.manifest)],
    ];
  });
  const problems = backups.flatMap((backup) => ('manifest' in backup ? [] : [backup.problem]));
  const below = problems.length === 0 ? '' : `\n${problems.join('\n')}\n`;
  return `${padTable([HEADINGS, ...rows])}${below}`;
}

const megabytes = (manifest: Manifest): string => `${(bytesOf(manifest) / 1e6).toFixed(1)} MB`;

/** A backup in lines for people. */
export function describeBackup(manifest: Manifest): string {
  const { name, base, shards, leftOut } = manifest;
  const basedOn = base === undefined ? '' : ` besides what ${base.name} has`;
  return [
    `The backup ${name}: ${rowsOf(manifest)} rows, ${megabytes(manifest)}${basedOn}.`,
    ...shards.map(({ shard, takenFrom, tables, objects }) => {
      const held = tables
        .map((table) => `${table.name} ${table.contents[0]?.rows ?? 0}`)
        .join(', ');
      return `  shard ${shard} from ${takenFrom}, ${objects.length} objects: ${held}`;
    }),
    ...leftOut.map((table) => `  Left out: ${table.name}, ${table.why}.`),
    '',
  ].join('\n');
}

/** What was restored, in lines for people. */
export const describeRestored = (name: string, tables: readonly RestoredTable[]): string =>
  [
    `Restored ${name}; every replica holds what it held when the backup was taken.`,
    ...tables.map(
      ({ shard, table, rows, nodes, restored }) =>
        `  shard ${shard}, ${table}: ${rows} rows on ${nodes.join(' and ')}${restored ? '' : ' (were there)'}`,
    ),
    '',
  ].join('\n');
