import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { WORKSPACE } from '../../state/workspace.ts';
import { contentHash } from '../../system/content-hash.ts';
import { makeOnce } from '../../system/make-once.ts';

/** Thrown when the program cannot be packed into one file. */
export class PackError extends ProvehouseError {
  override readonly name = 'PackError';
}

/** What packs it, into the folder that it is given. */
const PACKER = join(WORKSPACE, 'packages/cli/pack/pack.ts');

/** What it is made of: these folders, and the packages of the lock. */
const SOURCES = [
  ...['cli/pack', 'cli/src', 'verify/src', 'clickhouse-cluster/src', 'infra/src', 'secrets/src'],
].map((folder) => join(WORKSPACE, 'packages', folder));
const LOCK = join(WORKSPACE, 'package-lock.json');

/** Where it is kept until the packages are installed again. */
const PACKED = join(WORKSPACE, 'node_modules/.cache/provehouse-packed');

/**
 * The program `provehouse` of this workspace as one file for Node.js alone, which is packed again when
 * what it is made of has changed. @throws PackError
 */
export async function packedProgram(): Promise<string> {
  const folder = join(PACKED, await hashOfSources());
  await makeOnce(folder, pack);
  return join(folder, 'provehouse.mjs');
}

async function pack(folder: string): Promise<void> {
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`${process.execPath} ${PACKER} ${folder}`;
  if (exitCode === 0) return;
  throw new PackError(
    `Expected ${PACKER} to pack the program that Airflow's workers run the checks with, found: ` +
      `${stderr.trim().split('\n').at(-1)}. Install the workspace again (npm ci).`,
  );
}

/** A text that is another for other sources. */
const hashOfSources = async (): Promise<string> =>
  contentHash([await readFile(LOCK, 'utf8')], SOURCES, (name) =>
    /(?<!\.test)\.(ts|json)$/.test(name),
  );
