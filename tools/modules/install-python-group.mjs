import { join } from 'node:path';
import { findPython, findUv } from '../setup/python.mjs';
import { CommandError, main, run, workspace } from '../setup/run.mjs';

/**
 * Installs a group of the locked Python packages, such as `kafka`, beside those that are there: what
 * only a module of the platform needs.
 */
await main(async () => {
  const [group] = process.argv.slice(2);
  if (group === undefined) throw new CommandError('Expected the name of a group of packages.', 2);
  const project = join(workspace, 'packages/etl-dags');
  const uv = await findUv(findPython());
  const words = ['sync', '--frozen', '--inexact', '--compile-bytecode', '--group', group];
  const { PYTHONDONTWRITEBYTECODE: _, VIRTUAL_ENV: __, ...env } = process.env;
  await run(uv, [...words, '--project', project], {
    quiet: true,
    env: { ...env, UV_PYTHON_DOWNLOADS: 'never' },
  });
});
