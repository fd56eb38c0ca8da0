import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Thrown when Debian packages are needed and cannot be installed. */
export class DebianPackagesError extends Error {
  override readonly name = 'DebianPackagesError';
}

/** Runs a command and gives what it wrote to its output. @throws when it does not end with 0 */
export type RunCommand = (
  command: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
) => Promise<string>;

export interface DebianOptions {
  /** Told in one line what is installed. */
  readonly progress?: (message: string) => void;
  readonly run?: RunCommand;
  readonly user?: number | undefined;
  readonly isDebian?: () => Promise<boolean>;
}

const LAST_LINES = 10;
const OUTPUT_LIMIT = 64 * 1024 ** 2;

/** Whether this is Debian or one of its descendants. */
export const isDebian = (): Promise<boolean> =>
  access('/etc/debian_version').then(
    () => true,
    () => false,
  );

/**
 * Installs those of the Debian packages that are missing.
 * @throws DebianPackagesError elsewhere than on Debian, for another user than root, and with
 * apt-get's last lines when it fails
 */
export async function installDebianPackages(
  names: readonly string[],
  options: DebianOptions = {},
): Promise<void> {
  const { run = execute, progress, user = process.getuid?.() } = options;
  if (!(await (options.isDebian ?? isDebian)())) {
    throw new DebianPackagesError(
      `Expected the programs of Debian's ${names.join(', ')}. They are installed for you on Debian only; install them by hand.`,
    );
  }
  const missing = await missingOf(names, run);
  if (missing.length === 0) return;
  if (user !== 0) {
    throw new DebianPackagesError(
      `Expected Debian's ${missing.join(', ')}, which only root can install: apt-get install ${missing.join(' ')}`,
    );
  }
  progress?.(`Installing Debian's ${missing.join(', ')} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...words: string[]): Promise<string> =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...words], environment);
  const install = (): Promise<string> =>
    apt('install', '--yes', '--no-install-recommends', ...missing);
  try {
    // The lists of packages may be old, or not there at all.
    await install().catch(async () => {
      await apt('update');
      await install();
    });
  } catch (error) {
    throw new DebianPackagesError(
      `apt-get could not install ${missing.join(', ')}:\n${lastLinesOf(error)}`,
      { cause: error },
    );
  }
}

async function missingOf(names: readonly string[], run: RunCommand): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) {
    const words = ['--show', '--showformat', '${db:Status-Status}', name];
    const status = await run('dpkg-query', words, process.env).catch(() => '');
    if (status.trim() !== 'installed') missing.push(name);
  }
  return missing;
}

async function execute(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const options = { env, maxBuffer: OUTPUT_LIMIT };
  return (await promisify(execFile)(command, words, options)).stdout;
}

const lastLinesOf = (error: unknown): string =>
  (error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error))
    .trim()
    .split('\n')
    .slice(-LAST_LINES)
    .join('\n');
