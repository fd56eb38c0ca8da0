import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPython } from './python.mjs';

const PROGRAM = join(import.meta.dirname, 'bytecode.py');
const PACKAGE = 'greeting';
const WRITTEN = new Date('2026-01-01T00:00:00Z');
const quietly = $({ quiet: true });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-bytecode-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An environment with one package of one module, as an installation from a shared source leaves it. */
async function environment(name: string, source: string, written = WRITTEN) {
  const home = join(folder, name);
  await quietly`${findPython().path} -m venv --without-pip ${home}`;
  const python = join(home, 'bin/python');
  const { stdout } =
    await quietly`${python} -c ${'import sysconfig; print(sysconfig.get_path("purelib"))'}`;
  const packages = stdout.trim();
  const module = join(packages, PACKAGE, '__init__.py');
  const metadata = join(packages, `${PACKAGE}-1.0.dist-info`);
  await mkdir(join(packages, PACKAGE));
  await mkdir(metadata);
  await writeFile(module, source);
  await utimes(module, written, written);
  await writeFile(
    join(metadata, 'METADATA'),
    `Metadata-Version: 2.1\nName: ${PACKAGE}\nVersion: 1.0\n`,
  );
  const files = [`${PACKAGE}/__init__.py`, `${PACKAGE}/absent.py`, '../../../bin/greet.py'];
  await writeFile(join(metadata, 'RECORD'), files.map((file) => `${file},,\n`).join(''));
  return { python, compiled: join(packages, PACKAGE, '__pycache__') };
}

const compile = (python: string) => quietly`${python} ${PROGRAM} ${join(folder, 'cache')}`;

/** The one file of bytecode in the folder, by its place on the disk. */
async function inode(compiled: string): Promise<number> {
  const [file = 'none'] = await readdir(compiled);
  return (await stat(join(compiled, file))).ino;
}

const greetingOf = async (python: string): Promise<string> =>
  (await quietly`${python} -c ${'import greeting; print(greeting.TEXT)'}`).stdout.trim();

test('a second environment shares the bytecode of the first', async () => {
  const first = await environment('first', 'TEXT = "hello"\n');
  await compile(first.python);
  const second = await environment('second', 'TEXT = "hello"\n');
  await compile(second.python);
  expect(await inode(second.compiled)).toBe(await inode(first.compiled));
  expect(await greetingOf(second.python)).toBe('hello');
});

test.each([
  ['of another length', 'TEXT = "good evening"\n', WRITTEN],
  ['of another time', 'TEXT = "HELLO"\n', new Date('2026-02-02T00:00:00Z')],
])('the same version with a module %s is compiled again', async (_, source, written) => {
  const first = await environment('first', 'TEXT = "hello"\n');
  await compile(first.python);
  const second = await environment('second', source, written);
  await compile(second.python);
  expect(await greetingOf(second.python)).toBe(source.split('"')[1]);
  // What the cache has now is the newer one.
  const third = await environment('third', source, written);
  await compile(third.python);
  expect(await inode(third.compiled)).toBe(await inode(second.compiled));
});

test('a module that is no Python of this version leaves the others compiled', async () => {
  const { python, compiled } = await environment('first', 'TEXT = {{ template }\n');
  await compile(python);
  expect(existsSync(compiled)).toBe(false);
});
