import { setTimeout as delay } from 'node:timers/promises';
import { requestTime } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { hasFunction } from './dialect.ts';

/** Bounds of how far a node's clock is ahead of this machine's, in milliseconds; negative when behind. */
export interface ClockOffset {
  readonly from: number;
  readonly to: number;
}

/** What a clock showed at some moment between those of asking and of having the answer, in milliseconds. */
export interface ClockReading {
  readonly sent: number;
  readonly answered: number;
  readonly clock: number;
  /** How far the clock may have been beyond what it showed. */
  readonly resolution: number;
}

/** Bounds that narrow would say nothing more about seconds. */
const NARROW_MS = 200;
/**
 * Bounds that must do after a while, and how long a busy node is asked for these. Those of two clocks that
 * agree have a moment in common, so that together they are no wider than a second.
 */
const FAIR = { widthMs: 500, afterMs: 2_500 };
const GIVE_UP_MS = 10_000;
/** So that readings of a clock of whole seconds fall before and after it ticks. */
const PAUSE_MS = 20;

const clockRow = z.object({ clock: z.coerce.number() });

/**
 * Bounds out of several readings: the clock was read no sooner than it was asked and no later than it
 * answered (F. Cristian, Probabilistic clock synchronization, Distributed Computing 3, 1989).
 */
export const offsetOf = (readings: readonly ClockReading[]): ClockOffset => ({
  from: Math.max(...readings.map(({ clock, answered }) => clock - answered)),
  to: Math.min(...readings.map(({ clock, resolution, sent }) => clock + resolution - sent)),
});

/**
 * Reads a node's clock until its offset is known to a fifth of a second; of a busy node to half a
 * second after 2.5 s, or as well as it is known after 10 s.
 * @throws QueryError
 */
export async function askClockOffset(client: NodeClient): Promise<ClockOffset> {
  const fine = await hasFunction(client, 'now64(3)');
  const sql = fine
    ? 'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS clock'
    : 'SELECT toString(toUInt32(now())) AS clock';
  const [unit, resolution] = fine ? [1, 1] : [1000, 1000];
  const readings: ClockReading[] = [];
  const begin = performance.now();
  for (;;) {
    const rows = await client.query(sql, clockRow);
    const [time, row] = [requestTime(rows), rows[0]];
    if (time !== undefined && row !== undefined) {
      readings.push({ ...time, clock: row.clock * unit, resolution });
    }
    const { from, to } = offsetOf(readings);
    const elapsed = performance.now() - begin;
    const wide = elapsed > FAIR.afterMs ? FAIR.widthMs : NARROW_MS;
    if (to - from <= wide || elapsed > GIVE_UP_MS) return { from, to };
    await delay(PAUSE_MS);
  }
}
