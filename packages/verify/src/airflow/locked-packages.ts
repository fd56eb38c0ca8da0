import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The lock that the workspace's Airflow is installed from. */
export const LOCK_FILE = join(
  resolve(import.meta.dirname, '../../../..'),
  'packages/etl-dags/uv.lock',
);

const PACKAGE = /^\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"/gm;

/**
 * The versions of a lock of uv by package.
 * Format: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
 */
export const lockedPackages = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(PACKAGE)].map(([, name = '', version = '']) => [name, version]));

/** The versions that a lock file has. @throws Error when there is no such file */
export const readLockedPackages = async (file: string): Promise<ReadonlyMap<string, string>> =>
  lockedPackages(await readFile(file, 'utf8'));
