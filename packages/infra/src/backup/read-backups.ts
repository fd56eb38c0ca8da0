import pLimit from 'p-limit';
import { BackupError } from './backup-error.ts';
import { backupFolder, BACKUPS_FOLDER, checkBackupName } from './backup-name.ts';
import type { BackupPlace } from './backup-place.ts';
import { parseManifest, sealOf, type Manifest } from './manifest.ts';

/** Where backups are. */
export type BackupStore = Pick<BackupPlace, 'bucket' | 'prefix'>;

/** Objects that are read at a time. */
const PARALLEL = 4;
/** Of many objects that are wrong, so many are named. */
const NAMED = 5;

/** A backup of a list: whole as far as its manifest says, or why not. */
export type ListedBackup =
  | { readonly name: string; readonly manifest: Manifest }
  | { readonly name: string; readonly problem: string };

/** The manifest of a backup. @throws BackupError for one that is not whole */
export async function readManifest(
  { bucket, prefix }: BackupStore,
  name: string,
): Promise<Manifest> {
  const { root, manifest } = backupFolder(prefix, checkBackupName(name));
  if ((await bucket.sizeOf(manifest)) === undefined) {
    const found = await bucket.list(root);
    throw new BackupError(
      found.length === 0
        ? `There is no backup ${name}.`
        : `The backup ${name} is not whole: it has no manifest.json, which is written last. It was not finished, or the object was deleted.`,
    );
  }
  return parseManifest(name, Buffer.from(await bucket.read(manifest)).toString());
}

/** All backups, in the order in which they were taken; those without a manifest come first. */
export async function listBackups(store: BackupStore): Promise<ListedBackup[]> {
  const names = await store.bucket.folders(`${store.prefix}${BACKUPS_FOLDER}`);
  const listed = await pLimit(PARALLEL).map(names, async (name): Promise<ListedBackup> => {
    try {
      return { name, manifest: await readManifest(store, name) };
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      return { name, problem: error.message };
    }
  });
  const momentOf = (backup: ListedBackup): string =>
    'manifest' in backup ? backup.manifest.createdAt : '';
  return listed.sort((left, right) => momentOf(left).localeCompare(momentOf(right)));
}

/**
 * A backup with those that it is based on, the newest first, after every object of them has been read and
 * is what was written.
 * @throws BackupError naming the backup and the objects that are missing or others
 */
export async function proveBackup(
  store: BackupStore,
  name: string,
  signal: AbortSignal,
): Promise<[Manifest, ...Manifest[]]> {
  const chain = await chainOf(store, name);
  for (const manifest of chain) {
    const wrong = await wrongObjects(store, manifest, signal);
    if (wrong.length === 0) continue;
    const named = wrong.slice(0, NAMED).join('; ');
    const more = wrong.length > NAMED ? `; and ${wrong.length - NAMED} more` : '';
    const isBase = manifest.name !== name ? `, on which ${name} is based,` : '';
    throw new BackupError(
      `The backup ${manifest.name}${isBase} is not what was written: ${named}${more}. Nothing was restored.`,
    );
  }
  return chain;
}

/** A backup and those that it is based on. @throws BackupError where one is missing or was taken again */
async function chainOf(store: BackupStore, name: string): Promise<[Manifest, ...Manifest[]]> {
  const chain: [Manifest, ...Manifest[]] = [await readManifest(store, name)];
  for (let base = chain[0].base; base !== undefined;) {
    const wanted = base;
    const manifest = await readManifest(store, wanted.name).catch((cause: unknown) => {
      if (!(cause instanceof BackupError)) throw cause;
      throw new BackupError(
        `The backup ${name} is based on ${wanted.name}, which cannot be used: ${cause.message}`,
        { cause },
      );
    });
    if (sealOf(manifest) !== wanted.seal) {
      throw new BackupError(
        `The backup ${name} is based on another ${wanted.name} than the one that is there: its manifest.json is another.`,
      );
    }
    chain.push(manifest);
    base = manifest.base;
  }
  return chain;
}

async function wrongObjects(
  { bucket, prefix }: BackupStore,
  { name, shards }: Manifest,
  signal: AbortSignal,
): Promise<string[]> {
  const folder = backupFolder(prefix, name);
  const objects = shards.flatMap(({ shard, objects: of }) =>
    of.map((object) => ({ ...object, key: `${folder.shard(shard)}${object.key}` })),
  );
  const judged = await pLimit(PARALLEL).map(objects, async ({ key, size, sha256 }) => {
    signal.throwIfAborted();
    // A long object that was cut is not read first.
    const length = await bucket.sizeOf(key, signal);
    if (length === undefined) return `${key} is missing`;
    if (length !== size) return `${key} has ${length} bytes instead of ${size}`;
    const found = await bucket.digest(key, signal);
    if (found === undefined) return `${key} is missing`;
    return found.sha256 === sha256 ? undefined : `${key} has other bytes`;
  });
  return judged.filter((problem) => problem !== undefined);
}
