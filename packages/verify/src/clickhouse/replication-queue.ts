import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { tableQuestion } from './each-table.ts';
import type { EvidenceRow } from './evidence.ts';
import { databaseOf, type NamedTable } from './named-table.ts';
import type { Replica } from './replicated.ts';

/** Of a longer queue the oldest entries tell whether it moves. */
const OLDEST = 1000;

const entryRow = z.object({
  node_name: z.string(),
  type: z.string(),
  new_part_name: z.string(),
  parts_to_merge: z.array(z.string()),
  create_time: z.string(),
  is_currently_executing: z.coerce.number(),
  num_tries: z.coerce.number(),
  last_exception: z.string(),
  num_postponed: z.coerce.number(),
  postpone_reason: z.string(),
});

/** A row of `system.replication_queue` (https://clickhouse.com/docs/operations/system-tables/replication_queue). */
export type QueueEntry = z.infer<typeof entryRow>;

const askQueue = tableQuestion({
  columns: Object.keys(entryRow.shape).join(', '),
  ...{ from: 'system.replication_queue', order: 'create_time', limit: OLDEST },
  row: entryRow,
});

/** The oldest entries of what a replica has yet to do. @throws QueryError */
export const queueOf = (
  deployment: Deployment,
  client: NodeClient,
  table: NamedTable,
): Promise<readonly QueueEntry[]> =>
  askQueue(client, { database: databaseOf(deployment, table), table: table.name });

/** Whether an entry makes another part of rows that the replica has. */
export const rewritesParts = ({ type }: QueueEntry): boolean =>
  type === 'MERGE_PARTS' || type === 'MUTATE_PART';

/** How far a replica was at one moment. */
export interface QueuePosition {
  readonly logPointer: number;
  readonly entries: ReadonlySet<string>;
}

export const positionOf = (replica: Replica, queue: readonly QueueEntry[]): QueuePosition => ({
  logPointer: replica.log_pointer,
  entries: new Set(queue.map(({ node_name }) => node_name)),
});

/** Whether a replica has come further, or is about to. */
export function hasMoved(
  before: QueuePosition,
  { log_pointer }: Replica,
  queue: readonly QueueEntry[],
): boolean {
  const left = new Set(queue.map(({ node_name }) => node_name));
  return (
    log_pointer > before.logPointer ||
    queue.some((entry) => entry.is_currently_executing === 1) ||
    [...before.entries].some((name) => !left.has(name))
  );
}

/**
 * Entries of the table's log that a replica has not read. The first one that there ever is does not
 * count: a log that is empty looks the same.
 */
export const unreadOf = ({ log_max_index, log_pointer }: Replica): number =>
  log_max_index === 0 ? 0 : Math.max(0, log_max_index + 1 - log_pointer);

/** What a server says, in one line without the places in its program. */
export const saidOf = (text: string): string =>
  (text.split(', Stack trace')[0] ?? '').replaceAll(/\s+/g, ' ').trim();

/** An entry for people to read. */
export const shownEntry = (entry: QueueEntry): EvidenceRow => ({
  type: entry.type,
  part: entry.new_part_name,
  'made at': entry.create_time,
  'is executing': entry.is_currently_executing,
  tries: entry.num_tries,
  'last exception': saidOf(entry.last_exception),
  'times postponed': entry.num_postponed,
  'postponed because': saidOf(entry.postpone_reason),
});
