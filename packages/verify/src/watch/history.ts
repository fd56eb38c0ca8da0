import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeWhole } from '@provehouse/infra';
import { ProvehouseError } from '@provehouse/secrets';
import { z } from 'zod';
import { STATUSES, type Status } from '../verdict.ts';
import type { VerifiedRun } from '../verified-run.ts';

/** Thrown when the history cannot be read or written. */
export class HistoryError extends ProvehouseError {
  override readonly name = 'HistoryError';
}

const lineSchema = z.object({
  at: z.iso.datetime(),
  deployment: z.string(),
  status: z.enum(STATUSES),
  durationMs: z.number(),
  /** Whether everything that could be checked passed. */
  good: z.boolean(),
  verdicts: z.record(z.string(), z.enum(STATUSES)),
});

/** What is kept of a run. */
export type PastRun = z.infer<typeof lineSchema>;

/** What is kept of a run that has just ended. */
export const pastRun = (
  { endedAt, deployment, status, durationMs, verdicts }: VerifiedRun,
  good: boolean,
): PastRun => ({
  ...{ at: endedAt, deployment, status, durationMs: Math.round(durationMs), good },
  verdicts: Object.fromEntries(
    verdicts.map(({ check, status: own }): [string, Status] => [check, own]),
  ),
});

/** The runs in a file of JSON lines, the oldest first; none where there is no file. @throws HistoryError */
export async function readHistory(file: string): Promise<PastRun[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new HistoryError(`The history ${file} cannot be read: ${error.message}.`);
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new HistoryError(
        `Expected a run as JSON in line ${index + 1} of ${file}, found something else. Move the file away, or name another one with --history.`,
        { cause },
      );
    }
  });
}

/**
 * Keeps the last runs in a file of JSON lines; a reader sees all of it or what was there before.
 * @throws HistoryError
 */
export async function writeHistory(file: string, runs: readonly PastRun[]): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
  } catch (cause) {
    throw new HistoryError(
      `The history ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
