import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import generateDag from './generator.mjs';

const WORKSPACE = join(import.meta.dirname, '../../..');
const PROJECT = 'packages/etl-dags';
const PROGRAMS = join(WORKSPACE, PROJECT, '.venv/bin');
/** The shortest and the longest name, and one before and after those that imports stand beside. */
const NAMES = ['abc', `z${'o'.repeat(29)}`];

let root: string;
let project: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'provehouse-dag-'));
  project = join(root, PROJECT);
  const parts = ['dags', 'src', 'contracts', 'tests', 'pyproject.toml'];
  for (const part of parts) {
    await cp(join(WORKSPACE, PROJECT, part), join(project, part), {
      recursive: true,
      filter: (path) => !path.endsWith('__pycache__'),
    });
  }
  const tree = new FsTree(root, false);
  for (const name of NAMES) await generateDag(tree, { name });
  flushChanges(root, tree.listChanges());
});
afterAll(() => rm(root, { recursive: true }));

/** Without colours, also where they are forced, and without a folder of its own. */
const QUIETLY = ['-q', '--color=no', '-p', 'no:cacheprovider'];

/** Runs a program of the Python environment in the copy, whose modules come before the project's own. */
const run = (program: string, ...words: string[]) =>
  promisify(execFile)(join(PROGRAMS, program), words, {
    cwd: project,
    env: { ...process.env, PYTHONPATH: join(project, 'src'), PYTHONDONTWRITEBYTECODE: '1' },
  });

test('its tests are green at once, and are those of the copy', async () => {
  const files = NAMES.flatMap((name) => [
    `tests/unit/test_${name}.py`,
    `tests/integrity/test_${name}_structure.py`,
  ]);
  const { stdout } = await run('pytest', ...QUIETLY, ...files);
  expect(stdout).toMatch(/\n10 passed in /);
});

test('its DAG imports as quickly and quietly as the others', async () => {
  const file = 'tests/integrity/test_dag_imports.py';
  const { stdout } = await run('pytest', ...QUIETLY, file, '-k', NAMES.join(' or '));
  expect(stdout).toMatch(/\n4 passed, /);
});

test('nothing is left for the linters', async () => {
  await run('ruff', 'check', '--no-cache', '.');
  await run('ruff', 'format', '--no-cache', '--check', '.');
});

test.each(['Orders', 'two words', 'ab', 'class', `z${'o'.repeat(30)}`, '../orders'])(
  '%s is refused as a name',
  async (name) => {
    await expect(generateDag(new FsTree(root, false), { name })).rejects.toThrow(
      'Expected the name of a DAG in lower case with underscores',
    );
  },
);

test.each(['event_stream', 'load', 'events_stream', 'abc'])(
  '%s is refused, because there is something of that name',
  async (name) => {
    await expect(generateDag(new FsTree(root, false), { name })).rejects.toThrow(
      'Expected a name that nothing has yet; found packages/etl-dags/',
    );
  },
);
