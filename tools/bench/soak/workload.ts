import { setTimeout as delay } from 'node:timers/promises';
import { GUARANTEES, type Guarantee, type SoakedCluster } from './soaked-cluster.ts';
import type { Random } from './random.ts';

/** Rows of a batch: ids from `batch * BATCH_ROWS` on. */
export const BATCH_ROWS = 200;
const YEAR_SECONDS = 31_536_000;
const PAUSE_MS = 50;

/** What was sent and what was acknowledged. */
export interface Sent {
  readonly batches: number;
  readonly acknowledged: ReadonlySet<number>;
  readonly attempts: number;
  readonly refusals: ReadonlyMap<string, number>;
}

/**
 * Sends batches with their data through any node, and again until they are acknowledged, because only
 * inserts that bring their data are deduplicated. After `stop` what is pending is tried for two more
 * minutes.
 */
export async function write(
  { clients }: SoakedCluster,
  guarantee: Guarantee,
  random: Random,
  stop: AbortSignal,
): Promise<Sent> {
  const nodes = [...clients.values()];
  const acknowledged = new Set<number>();
  const refusals = new Map<string, number>();
  let pending: number[] = [];
  let [next, attempts, deadline] = [0, 0, Number.POSITIVE_INFINITY];
  for (;;) {
    if (stop.aborted) {
      if (pending.length === 0) break;
      deadline = Math.min(deadline, Date.now() + 120_000);
      if (Date.now() > deadline) break;
    }
    const again = pending.length > 0 && (stop.aborted || random.next() < 0.7);
    const batch = again ? (pending.shift() ?? 0) : next++;
    attempts += 1;
    try {
      await random.of(nodes).command({
        query: `INSERT INTO ${guarantee} FORMAT TabSeparated\n${rowsOf(batch)}`,
        clickhouse_settings: {
          distributed_foreground_insert: '1',
          insert_deduplicate: 1,
          insert_keeper_max_retries: '3',
          ...(guarantee === 'quorum' && { insert_quorum: '2', insert_quorum_timeout: 10_000 }),
        },
      });
      acknowledged.add(batch);
    } catch (error) {
      const said = wordsOf(error);
      refusals.set(said, (refusals.get(said) ?? 0) + 1);
      pending = [...pending, batch];
    }
    await delay(PAUSE_MS);
  }
  return { batches: next, acknowledged, attempts, refusals };
}

/** Merges, mutations and statements ON CLUSTER, one every few seconds; refusals are part of it. */
export async function disturb(
  { clients, deployment }: SoakedCluster,
  random: Random,
  stop: AbortSignal,
): Promise<number> {
  const nodes = [...clients.values()];
  const { cluster } = deployment.clickhouse;
  let done = 0;
  for (let number = 0; !stop.aborted; number += 1) {
    const table = `${random.of(GUARANTEES)}_local`;
    const query = random.of([
      `OPTIMIZE TABLE ${table} FINAL`,
      `ALTER TABLE ${table} UPDATE text = text WHERE id % 7 = 0`,
      `CREATE TABLE IF NOT EXISTS extra_${number % 50} ON CLUSTER ${cluster} (id UInt8)
       ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY id`,
    ]);
    await random
      .of(nodes)
      .command({ query })
      .then(
        () => (done += 1),
        () => undefined,
      );
    await delay(random.between(2_000, 8_000), undefined, { signal: stop }).catch(() => undefined);
  }
  return done;
}

const rowsOf = (batch: number): string =>
  Array.from({ length: BATCH_ROWS }, (_, index) => {
    const id = batch * BATCH_ROWS + index;
    return `${id}\tsoak ${id}\t${1_767_225_600 + ((id * 80_000) % YEAR_SECONDS)}\n`;
  }).join('');

/** The first words of what a server said, by which refusals are counted. */
function wordsOf(error: unknown): string {
  const said = error instanceof Error ? error.message || error.name : String(error);
  return said.replaceAll(/[0-9a-f-]{8,}|\d+/g, '…').slice(0, 60);
}
