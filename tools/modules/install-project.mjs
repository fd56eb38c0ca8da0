import { findPython, findUv } from '../setup/python.mjs';
import { CommandError, main, run } from '../setup/run.mjs';

/**
 * Installs the locked packages of the uv project in a folder into an environment of its own, with their
 * bytecode, by a Python that the project takes: what a module of the platform runs that does not go
 * together with Airflow's packages.
 */
await main(async () => {
  const [project, environment] = process.argv.slice(2);
  if (project === undefined || environment === undefined) {
    throw new CommandError('Expected the folder of a project and that of its environment.', 2);
  }
  const { PYTHONDONTWRITEBYTECODE: _, VIRTUAL_ENV: __, ...env } = process.env;
  // It is moved when it is complete.
  const words = ['sync', '--frozen', '--no-dev', '--compile-bytecode', '--project', project];
  await run(await findUv(findPython()), words, {
    quiet: true,
    env: { ...env, UV_PROJECT_ENVIRONMENT: environment, UV_PYTHON_DOWNLOADS: 'never' },
  });
});
