import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { connectNode, quoteName, type NodeClient } from '../../clickhouse/cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { Schedule } from '../schedule.ts';
import type { Timeline } from '../timeline.ts';
import { synchronousInserts, type DrillTables } from './drill-tables.ts';
import { batchText } from './row-content.ts';

/** An insert that takes longer is given up: whether its rows were written is then unknown. */
const GIVE_UP_MS = 4_000;
const RETRY_PAUSE_MS = 100;

/** Sends batches as a careful client does: through any node, again until one accepts them. */
export class Writer implements AsyncDisposable {
  readonly #schedule: Schedule;
  readonly #timeline: Timeline;
  readonly #nodes: readonly (NodeClient & { close(): Promise<void> })[];
  readonly #insert: string;
  readonly #acknowledged = new Set<number>();
  #pending: number[] = [];
  #next = 0;
  #turn = 0;

  private constructor(
    { deployment, account }: DrillTarget,
    schedule: Schedule,
    { distributed }: DrillTables,
    settings: ClickHouseSettings,
    timeline: Timeline,
  ) {
    this.#schedule = schedule;
    this.#timeline = timeline;
    const { database, nodes } = deployment.clickhouse;
    this.#insert = `INSERT INTO ${quoteName(database)}.${quoteName(distributed)} FORMAT TabSeparated\n`;
    this.#nodes = nodes.map((node) => connectNode(node, account, GIVE_UP_MS, settings));
  }

  /** A writer that has sent nothing yet. @throws QueryError */
  static async open(
    target: DrillTarget,
    schedule: Schedule,
    tables: DrillTables,
    timeline: Timeline,
  ): Promise<Writer> {
    const settings = await synchronousInserts(target);
    return new Writer(target, schedule, tables, settings, timeline);
  }

  /** Batches that were sent at least once: those from 0 up to this number. */
  get attempted(): number {
    return this.#next;
  }

  get acknowledged(): ReadonlySet<number> {
    return this.#acknowledged;
  }

  /**
   * Sends up to so many new batches, one after the other, with equal pauses so that they take `seconds`;
   * batches that were refused before are tried again on the way. Where the nodes make it wait, it ends
   * after `seconds` with fewer.
   */
  async send(count: number, seconds: number, signal: AbortSignal): Promise<void> {
    const begin = performance.now();
    for (let index = 0; index < count; index += 1) {
      signal.throwIfAborted();
      if (index > 0 && seconds > 0 && performance.now() - begin > seconds * 1000) return;
      await this.#offer(this.#next++);
      const [oldest] = this.#pending;
      if (oldest !== undefined) await this.#offer(oldest);
      const wait = begin + ((index + 1) / count) * seconds * 1000 - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal });
    }
  }

  /** Tries the batches that were refused until all are accepted; gives up after so many seconds. */
  async finish(seconds: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (this.#pending.length > 0 && performance.now() < deadline) {
      for (const batch of [...this.#pending]) {
        signal.throwIfAborted();
        await this.#offer(batch);
      }
      if (this.#pending.length > 0) await delay(RETRY_PAUSE_MS, undefined, { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  /** Offers a batch to the nodes in turn, until one accepts it or all have refused. */
  async #offer(batch: number): Promise<void> {
    const sql = this.#insert + batchText(this.#schedule.seed, batch, this.#schedule.batchRows);
    for (let tries = 0; tries < this.#nodes.length; tries += 1) {
      const client = this.#nodes[this.#turn++ % this.#nodes.length];
      if (client === undefined) break;
      const attempt = this.#timeline.begin(client.node.name, batch);
      try {
        await client.command(sql);
        attempt.accepted();
        this.#acknowledged.add(batch);
        this.#pending = this.#pending.filter((other) => other !== batch);
        return;
      } catch (error) {
        attempt.refused(firstLine(error));
      }
    }
    if (!this.#pending.includes(batch)) this.#pending.push(batch);
  }
}

const firstLine = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error);
  return (said.split('\nin: ')[0] ?? said).slice(0, 400);
};
