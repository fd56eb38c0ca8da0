import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from '../../system/make-once.ts';

/** A Java program whose classes are kept as they were linked once. */
export interface TrainedProgram {
  /** The folder of its jars in the cache, which is named by their lock. */
  readonly jars: string;
  /** The folder of the Java that runs it. */
  readonly java: string;
  /** The file of Java's options. */
  readonly options: string;
  /** Runs it until it serves, and then to its end, with one more option for Java. */
  readonly train: (option: string) => Promise<void>;
}

/**
 * The option with which a Java program starts in half of the time: a file with its classes as a run
 * before has loaded and linked them (https://openjdk.org/jeps/514). The file is made once per user, from
 * jars, Java and options; where that fails there is no option, and the program starts as it always did.
 */
export async function linkedClasses(program: TrainedProgram): Promise<readonly string[]> {
  const { jars, java, options, train } = program;
  const made = createHash('sha256');
  for (const file of [join(java, 'release'), options]) {
    made.update(await readFile(file).catch(() => ''));
  }
  const folder = `${jars}-linked-${made.digest('hex').slice(0, 16)}`;
  const file = 'classes.aot';
  try {
    await makeOnce(folder, async (draft) => {
      await mkdir(draft);
      await train(`-XX:AOTCacheOutput=${join(draft, file)}`);
      await access(join(draft, file));
    });
    return [`-XX:AOTCache=${join(folder, file)}`];
  } catch {
    return [];
  }
}
