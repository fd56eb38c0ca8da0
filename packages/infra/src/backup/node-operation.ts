import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ConnectedNode } from '../clickhouse/node-client.ts';
import { quoteText } from '../clickhouse/quote.ts';
import { BackupError } from './backup-error.ts';

const POLL_MS = 100;

const stateRow = z.object({ status: z.string(), error: z.string() });

/**
 * Runs a BACKUP or RESTORE to its end, however long it takes: the node is asked how far it is, and no
 * request has to last as long.
 * @throws BackupError with what the node says
 */
export async function runOperation(
  node: ConnectedNode,
  statement: string,
  signal: AbortSignal,
): Promise<void> {
  const [id = ''] = (await node.text(`${statement} ASYNC`)).split('\t');
  const sql = `SELECT toString(status) AS status, error FROM system.backups WHERE id = ${quoteText(id)}`;
  for (;;) {
    const [state] = await node.query(sql, stateRow);
    const status = state?.status ?? 'UNKNOWN';
    if (['BACKUP_CREATED', 'RESTORED'].includes(status)) return;
    if (!['CREATING_BACKUP', 'RESTORING'].includes(status)) {
      const [words = ''] = (state?.error ?? '').split(/,? Stack trace/);
      throw new BackupError(
        `${node.node.name}: ${status === 'UNKNOWN' ? 'it was restarted meanwhile' : words}\nin: ${statement}`,
      );
    }
    try {
      await delay(POLL_MS, undefined, { signal });
    } catch (error) {
      await endOperation(node, id);
      throw error;
    }
  }
}

/** What nobody waits for any longer must not go on writing. */
async function endOperation(node: ConnectedNode, id: string): Promise<void> {
  const query = `SELECT query_id FROM system.backups WHERE id = ${quoteText(id)}`;
  await node.text(`KILL QUERY WHERE query_id IN (${query}) SYNC`);
}

/**
 * Does something for each of several side by side. When one fails the others are ended first, so that
 * nothing goes on after the error is thrown.
 */
export async function together<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  act: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const all = items.map((item) => act(item, stop));
  try {
    return await Promise.all(all);
  } catch (error) {
    failure.abort();
    await Promise.allSettled(all);
    throw error;
  }
}
