import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packPublished } from './pack-published.ts';

const run = promisify(execFile);

/** The published package, packed as for the registry and installed into an empty folder. */
export interface InstalledPackage extends AsyncDisposable {
  /** The folder of the project that has it, and nothing else. */
  readonly project: string;
  readonly archiveBytes: number;
  /** The program's file. */
  readonly program: string;
}

/** Packs the package and installs it, without asking a registry. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-pack-'));
  const built = await packPublished(join(folder, 'built'));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: built });
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{"private": true}');
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no archive';
  const install = ['install', '--offline', '--no-audit', '--no-fund', join(folder, archive)];
  await run('npm', install, { cwd: project });
  return {
    project,
    archiveBytes: (await stat(join(folder, archive))).size,
    program: join(project, 'node_modules/provehouse/provehouse.mjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
