import { readStateFile, writeStateFile } from '@provehouse/infra';
import { z } from 'zod';
import { STATUSES } from '../verdict.ts';
import type { Statuses } from './verdict-changes.ts';

/** By the name of each receiver, the status of each check that they have heard of last. */
const heardSchema = z.record(z.string(), z.record(z.string(), z.enum(STATUSES)));

const REMEDY = 'Move it away; what is wrong then is sent once more.';

/** Where it is kept, beside the history of the runs. */
const heardFile = (history: string): string => `${history}.heard.json`;

/**
 * What receivers have heard from watches that had this history; nothing where there was none.
 * @throws PlatformStateError for a file that is not whole
 */
export async function readHeard(history: string): Promise<ReadonlyMap<string, Statuses>> {
  const path = heardFile(history);
  const kept = (await readStateFile({ path, schema: heardSchema, remedy: REMEDY })) ?? {};
  return new Map(
    Object.entries(kept).map(([name, statuses]) => [name, new Map(Object.entries(statuses))]),
  );
}

/** Keeps it for the next watch. @throws the system's error, which names the file */
export const writeHeard = (history: string, heard: ReadonlyMap<string, Statuses>): Promise<void> =>
  writeStateFile(
    heardFile(history),
    Object.fromEntries([...heard].map(([name, statuses]) => [name, Object.fromEntries(statuses)])),
  );
