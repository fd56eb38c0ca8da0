import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown, type RolldownOptions } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import ts from 'typescript';
import { z } from 'zod';

const PACKAGE = resolve(import.meta.dirname, '..');
const WORKSPACE = resolve(PACKAGE, '../..');
const ENTRY = join(PACKAGE, 'src/index.ts');
/** Where the types of another package are that the public ones name. */
const TOPOLOGY = join(WORKSPACE, 'packages/infra/src/clickhouse/topology.ts');
/** What npm installs beside the package; all else is in its one file. */
const DEPENDENCIES = ['@clickhouse/client', 'testcontainers'];

/**
 * Builds the package that is published into a folder, and gives that: JavaScript and types in one file
 * each, and the manifest.
 * @throws Error with what the compiler says when there are no types
 */
export async function packPackage(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const external = [/^node:/, ...DEPENDENCIES];
  await bundle(join(folder, 'index.js'), {
    ...{ input: ENTRY, platform: 'node', transform: { target: 'node22' } },
    // Of the platform's own code it needs a few pure functions.
    ...{ external, treeshake: { moduleSideEffects: false } },
  });
  const declarations = await mkdtemp(join(folder, 'declarations-'));
  emitDeclarations(declarations);
  const input = declaredIn(declarations, ENTRY);
  await bundle(join(folder, 'index.d.ts'), { input, external, plugins: [dts({ dtsOnly: true })] });
  await rm(declarations, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
  await copyFile(join(PACKAGE, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(WORKSPACE, 'LICENSE'), join(folder, 'LICENSE'));
  return folder;
}

async function bundle(file: string, options: RolldownOptions): Promise<void> {
  await using build = await rolldown({ ...options, logLevel: 'warn' });
  await build.write({ file, format: 'esm', codeSplitting: false });
}

const declaredIn = (folder: string, source: string): string =>
  join(folder, source.slice(WORKSPACE.length).replace(/\.ts$/, '.d.ts'));

function emitDeclarations(folder: string): void {
  const { config } = ts.readConfigFile(join(WORKSPACE, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, WORKSPACE);
  const program = ts.createProgram([ENTRY, TOPOLOGY], {
    ...options,
    ...{ noEmit: false, declaration: true, emitDeclarationOnly: true },
    ...{ outDir: folder, rootDir: WORKSPACE },
  });
  // Types of a package beside it are found by its name only where its sources are.
  const topology = `'${declaredIn(folder, TOPOLOGY)}'`;
  const { diagnostics } = program.emit(undefined, (file, text) =>
    ts.sys.writeFile(file, text.replaceAll("'@provehouse/infra'", topology)),
  );
  const found = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (found.length === 0) return;
  throw new Error(
    ts.formatDiagnostics(found, {
      ...{ getCurrentDirectory: () => WORKSPACE, getNewLine: () => '\n' },
      getCanonicalFileName: (name) => name,
    }),
  );
}

const ownManifest = z.object({
  ...{ name: z.string(), version: z.string(), description: z.string(), license: z.string() },
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

async function manifest(): Promise<object> {
  const text = await readFile(join(PACKAGE, 'package.json'), 'utf8');
  const { dependencies, devDependencies, ...own } = ownManifest.parse(JSON.parse(text));
  // Nothing that people start in the workspace needs containers from a test.
  const versions = { ...devDependencies, ...dependencies };
  return {
    ...own,
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    engines: { node: '>=22.5' },
    files: ['index.js', 'index.d.ts'],
    dependencies: Object.fromEntries(DEPENDENCIES.map((name) => [name, versions[name]])),
  };
}
