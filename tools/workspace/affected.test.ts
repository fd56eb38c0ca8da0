import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, WORKSPACE } from './nx.ts';
import { copySkeleton, place } from './skeleton.ts';

/** The projects whose tests a change to one file affects. */
function testsAffectedBy(file: string): string[] {
  const words = ['show', 'projects', '--affected', `--files=${file}`, '--withTarget=test'];
  const { status, stdout, printed } = run(WORKSPACE, 'nx', ...words);
  if (status !== 0) throw new Error(`nx ended with ${String(status)}:\n${printed}`);
  return stdout.split('\n').filter(Boolean).sort();
}

it.each([
  ['a DAG', 'packages/etl-dags/dags/hw16_data_loading_pipeline.py', ['cli', 'etl-dags', 'verify']],
  ['a check', 'packages/verify/src/verdict.ts', ['cli', 'verify']],
  [
    'the infrastructure',
    'packages/infra/src/clickhouse/topology.ts',
    ['cli', 'clickhouse-cluster', 'infra', 'verify'],
  ],
  [
    'the secrets',
    'packages/secrets/src/fields.ts',
    ['cli', 'clickhouse-cluster', 'infra', 'secrets', 'verify'],
  ],
  [
    'the lock file',
    'package-lock.json',
    ['cli', 'clickhouse-cluster', 'etl-dags', 'infra', 'secrets', 'tools', 'verify'],
  ],
])('a change to %s affects the tests of what uses it and no other', (_, file, projects) => {
  expect(testsAffectedBy(file)).toEqual(projects);
});

const DAG = 'packages/etl-dags/dags/pipeline.py';

function commit(folder: string, message: string): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
  const git = (...words: string[]) => execFileSync('git', ['-C', folder, ...identity, ...words]);
  git('add', '--all');
  git('commit', '--quiet', '-m', message);
}

/** The projects whose tests `npm run affected -- test` would run in a folder. */
function testsToRun(folder: string): string[] {
  const command = join(folder, 'tools/affected/affected.ts');
  const { status, stdout, printed } = run(folder, 'node', command, 'test', '--graph=stdout');
  if (status !== 0) throw new Error(`affected ended with ${String(status)}:\n${printed}`);
  const { tasks } = JSON.parse(stdout) as { tasks: { tasks: Record<string, unknown> } };
  return Object.keys(tasks.tasks)
    .filter((task) => task.endsWith(':test'))
    .sort();
}

it('the affected command runs every test after the first commit, and later what is affected', () => {
  const folder = copySkeleton();
  place(folder, DAG, '');
  place(folder, '.gitignore', 'node_modules\n.nx\n');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder]);
  commit(folder, 'first');
  const all = ['cli', 'clickhouse-cluster', 'etl-dags', 'infra', 'secrets', 'tools', 'verify'].map(
    (name) => `${name}:test`,
  );
  expect(testsToRun(folder)).toEqual(all);
  place(folder, DAG, 'changed = True\n');
  commit(folder, 'second');
  expect(testsToRun(folder)).toEqual(['cli:test', 'etl-dags:test', 'verify:test']);
});
