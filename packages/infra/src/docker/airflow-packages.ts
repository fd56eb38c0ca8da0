import { $ } from 'zx';
import type { Module } from '../runtime.ts';
import { MODULE_GROUPS } from './provided-images.ts';
import { PlatformStateError } from '../state/state-error.ts';

/** The Python package that tasks use a module by, in the group of the project's lock that has its name. */
const PACKAGES = {
  kafka: 'apache-airflow-providers-apache-kafka',
  storage: 'apache-airflow-providers-amazon',
} as const satisfies Partial<Record<Module, string>>;
const ASK =
  'import importlib.metadata, sys; [importlib.metadata.version(name) for name in sys.argv[1:]]';

/**
 * Asks an image that somebody chose for Airflow whether it has what the tasks of the modules need; those
 * that are built here have it.
 * @throws PlatformStateError with what makes such an image
 */
export async function refuseWithoutPackages(
  chosen: string | undefined,
  modules: readonly Module[],
): Promise<void> {
  const needed = MODULE_GROUPS.filter((group) => modules.includes(group));
  if (chosen === undefined || needed.length === 0) return;
  const packages = needed.map((group) => PACKAGES[group]);
  const words = ['run', '--rm', '--network', 'none', '--entrypoint', 'python3', chosen];
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`docker ${words} -c ${ASK} ${packages}`;
  if (exitCode === 0) return;
  throw new PlatformStateError(
    `--with ${needed.join(',')}: expected Airflow's image ${chosen} with ${packages.join(' and ')}, found: ` +
      `${stderr.trim().split('\n').at(-1) ?? ''}. Add the groups ${needed.join(' and ')} to it (docs/containers.md), ` +
      'leave out --image airflow, or leave the modules out with --with none.',
  );
}
