import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PlatformStateError } from './state-error.ts';
import { writeWhole } from '../system/write-whole.ts';

/** A file in which something is noted for the next command. */
export interface StateFile<Schema extends z.ZodType> {
  readonly path: string;
  readonly schema: Schema;
  /** What to do when it is not whole, a sentence. */
  readonly remedy: string;
}

/**
 * What a file holds; nothing only when it is not there.
 * @throws PlatformStateError for one that cannot be read or is not whole: it is never taken for absent
 */
export async function readStateFile<Schema extends z.ZodType>({
  path,
  schema,
  remedy,
}: StateFile<Schema>): Promise<z.infer<Schema> | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new PlatformStateError(`${path} cannot be read (${cause.code ?? 'unknown'}). ${remedy}`, {
      cause,
    });
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const found =
      cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as SyntaxError).message;
    throw new PlatformStateError(`${path} is not whole: ${found}\n${remedy}`, { cause });
  }
}

/** Notes something in a file. @throws the system's error, which names the file; what it held before stays */
export const writeStateFile = async (path: string, value: unknown): Promise<void> =>
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
