import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { z } from 'zod';

const PACKAGE = resolve(import.meta.dirname, '..');
const WORKSPACE = resolve(PACKAGE, '../..');

/**
 * Builds the package that is published, with everything that it needs in one file, into a folder,
 * and gives that: no engine, no Airflow and no Nx come with it.
 */
export async function packPublished(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const build = await rolldown({
    input: join(PACKAGE, 'src/published.ts'),
    platform: 'node',
    // What is left out of it is loaded by nothing that the commands for clusters do.
    external: [/\.node$/],
    transform: { target: 'node22' },
    logLevel: 'warn',
  });
  await build.write({
    file: join(folder, 'provehouse.mjs'),
    format: 'esm',
    codeSplitting: false,
    minify: { mangle: false, compress: true },
  });
  await build.close();
  const program = join(folder, 'provehouse.mjs');
  const text = await readFile(program, 'utf8');
  if (!text.startsWith('#!')) await writeFile(program, `#!/usr/bin/env node\n${text}`);
  await chmod(program, 0o755);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
  await copyFile(join(PACKAGE, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(WORKSPACE, 'LICENSE'), join(folder, 'LICENSE'));
  return folder;
}

const ownManifest = z.object({ version: z.string() });

async function manifest(): Promise<object> {
  const own = ownManifest.parse(JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')));
  return {
    name: 'provehouse',
    version: own.version,
    description: 'Proves with evidence that a ClickHouse cluster is whole',
    type: 'module',
    license: 'MIT',
    bin: { provehouse: 'provehouse.mjs' },
    engines: { node: '>=22.5' },
    files: ['provehouse.mjs'],
  };
}
