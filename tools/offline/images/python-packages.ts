import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, makeOnce, step } from '@provehouse/infra';
import { $ } from 'zx';

/** Thrown when the packages of an image cannot be installed. */
export class PythonPackagesError extends Error {
  override readonly name = 'PythonPackagesError';
}

export interface PythonPackages {
  /** Folder that may be put on PYTHONPATH. */
  readonly folder: string;
  readonly fingerprint: string;
}

/** Python in the base image. */
const PYTHON_VERSION = '3.11';

/**
 * The locked packages of a uv project, for the Python of the image whichever this machine has; installed
 * once per lock file into the cache, with their bytecode where this machine has that Python.
 * @throws PythonPackagesError with uv's last words
 */
export async function pythonPackages({
  name,
  uv,
  python,
  project,
  groups,
  cache,
  progress,
}: {
  /** Whose image they are for. */
  readonly name: string;
  readonly uv: string;
  /** A Python of this machine; it makes bytecode if it is of the image's version. */
  readonly python: { readonly path: string; readonly version: string };
  readonly project: string;
  /** Groups of the lock that are added. */
  readonly groups: readonly string[];
  readonly cache: string;
  readonly progress: (line: string) => void;
}): Promise<PythonPackages> {
  const added = groups.flatMap((group) => ['--group', group]);
  const requirements = await run(
    $({
      quiet: true,
      nothrow: true,
    })`${uv} export --project ${project} --frozen --no-default-groups ${added} --no-emit-project --no-hashes --no-annotate --no-header --color never --quiet`,
  );
  const fingerprint = await contentHash([PYTHON_VERSION, 'bytecode', requirements], []);
  const folder = join(cache, `${name.toLowerCase()}-packages-${fingerprint}`);
  await makeOnce(folder, async (packages) => {
    const words = ['--target', packages, '--python-version', PYTHON_VERSION];
    // Once for all images: an engine that is made for a run of tests builds Airflow's each time.
    const bytecode =
      python.version === PYTHON_VERSION ? ['--compile-bytecode', '--python', python.path] : [];
    const install = $({
      quiet: true,
      nothrow: true,
      input: requirements,
    })`${uv} pip install --color never --quiet --no-deps --no-config ${words} ${bytecode} --requirements -`;
    await step(progress, `Installing ${name}'s packages`, () => run(install));
    await rm(join(packages, 'bin'), { recursive: true, force: true });
  });
  return { folder, fingerprint };
}

async function run(
  running: PromiseLike<{ exitCode: number | null; stdout: string; stderr: string }>,
): Promise<string> {
  const { exitCode, stdout, stderr } = await running;
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split('\n').slice(-10).join('\n');
  throw new PythonPackagesError(`uv ended with code ${exitCode}:\n${said}`);
}
