import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identityOf, isSameAlive, pidIn, readStateFile, writeStateFile } from '@provehouse/infra';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { undoSchema, type Undo } from './undo.ts';

const journalSchema = z.strictObject({
  drill: z.string(),
  /** The identity of the process that runs it. */
  process: z.string(),
  undo: z.array(undoSchema),
});

/** Thrown when another process is breaking the platform at this moment. */
export class DrillUnderWayError extends ProvehouseError {
  override readonly name = 'DrillUnderWayError';
}

/** What an unfinished drill has broken, kept in a file until it is put right. */
export interface FaultJournal {
  readonly file: string;
}

/**
 * What the journal holds of a drill that was cut off; nothing if none was.
 * @throws DrillUnderWayError when it was not cut off, but is going on
 * @throws PlatformStateError for a journal that is not whole
 */
export async function readJournal({
  file,
}: FaultJournal): Promise<z.infer<typeof journalSchema> | undefined> {
  const journal = await readStateFile({
    ...{ path: file, schema: journalSchema },
    remedy:
      'It says what a drill has broken: put that right by hand (infra:status, infra:up), and remove the file.',
  });
  if (journal === undefined) return undefined;
  const own = journal.process === (await identityOf(process.pid));
  if (!own && (await isSameAlive(journal.process))) {
    throw new DrillUnderWayError(
      `Expected no other drill on this platform, found ${journal.drill} under way in process ${pidIn(journal.process)}. Wait for its end, or interrupt it.`,
    );
  }
  return journal;
}

/** Notes what must be undone, before it is done. */
export async function writeJournal(
  { file }: FaultJournal,
  drill: string,
  undo: readonly Undo[],
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // A process that is killed here must leave a journal that can be read.
  await writeStateFile(file, { drill, process: await identityOf(process.pid), undo });
}

/** Forgets it once the platform is right again. */
export const clearJournal = ({ file }: FaultJournal): Promise<void> => rm(file, { force: true });
