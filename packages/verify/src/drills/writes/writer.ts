import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { connectNode, quoteName } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import type { Workload } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { Guarantee } from '../guarantee.ts';
import type { Schedule } from '../schedule.ts';
import type { Timeline } from '../timeline.ts';
import { insertSettings, type DrillTables } from './drill-tables.ts';
import { batchText } from './row-content.ts';

/** An insert that takes longer is given up: whether its rows were written is then unknown. */
export const GIVE_UP_MS = 4_000;
const RETRY_PAUSE_MS = 100;

interface OfferOptions {
  /** Which node is the first. */
  readonly turn?: number;
  /** Whether no further node is to be asked. */
  readonly isOver?: () => boolean;
}

/** Sends batches as a careful client does: through any node, again until one accepts them. */
export class Writer implements Workload, AsyncDisposable {
  readonly guarantee: Guarantee;
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
    guarantee: Guarantee,
    settings: ClickHouseSettings,
    timeline: Timeline,
  ) {
    this.guarantee = guarantee;
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
    guarantee: Guarantee,
    timeline: Timeline,
  ): Promise<Writer> {
    const settings = await insertSettings(target, guarantee);
    return new Writer(target, schedule, tables, guarantee, settings, timeline);
  }

  get attempted(): number {
    return this.#next;
  }

  get acknowledged(): ReadonlySet<number> {
    return this.#acknowledged;
  }

  /**
   * Sends up to so many new batches, one after the other, with equal pauses so that they take `seconds`;
   * batches that were refused before are tried again on the way. Where the nodes make it wait, it ends
   * after `seconds` with fewer, and the last one is offered to no further node.
   */
  async send(count: number, seconds: number, signal: AbortSignal): Promise<void> {
    const begin = performance.now();
    const isOver = (): boolean => seconds > 0 && performance.now() - begin > seconds * 1000;
    for (let index = 0; index < count; index += 1) {
      signal.throwIfAborted();
      if (index > 0 && isOver()) return;
      await this.#offer(this.#next++, { isOver });
      if (isOver()) return;
      const [oldest] = this.#pending;
      if (oldest !== undefined) await this.#offer(oldest, { isOver });
      const wait = begin + ((index + 1) / count) * seconds * 1000 - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal });
    }
  }

  async sendTo(node: string): Promise<boolean> {
    const turn = this.#nodes.findIndex((client) => client.node.name === node);
    return (await this.#offer(this.#next++, { turn })) === node;
  }

  /**
   * Offers a new batch to each node, side by side, up to so many batches: once, or again until the node
   * accepts it, for so many seconds. How many batches there were.
   */
  async sendToEach(count: number, seconds: number, signal: AbortSignal): Promise<number> {
    const deadline = performance.now() + seconds * 1000;
    const asked = this.#nodes.slice(0, count);
    const offerTo = async (batch: number, turn: number): Promise<void> => {
      const only = { turn, isOver: () => true };
      while ((await this.#offer(batch, only)) === undefined && performance.now() < deadline) {
        await delay(RETRY_PAUSE_MS, undefined, { signal });
      }
    };
    await Promise.all(asked.map((_, turn) => offerTo(this.#next++, turn)));
    return asked.length;
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

  /**
   * Offers a batch to the nodes in turn, until one accepts it, all have refused, or it is over; the name of
   * the one that did.
   */
  async #offer(
    batch: number,
    { turn = this.#turn, isOver = () => false }: OfferOptions = {},
  ): Promise<string | undefined> {
    const sql = this.#insert + batchText(this.#schedule.seed, batch, this.#schedule.batchRows);
    for (let tries = 0; tries < this.#nodes.length; tries += 1) {
      if (tries > 0 && isOver()) break;
      this.#turn = turn + tries + 1;
      const client = this.#nodes[(turn + tries) % this.#nodes.length];
      if (client === undefined) break;
      const attempt = this.#timeline.begin(client.node.name, batch);
      try {
        await client.command(sql);
        attempt.accepted();
        this.#acknowledged.add(batch);
        this.#pending = this.#pending.filter((other) => other !== batch);
        return client.node.name;
      } catch (error) {
        attempt.refused(firstLine(error));
      }
    }
    if (!this.#pending.includes(batch)) this.#pending.push(batch);
    return undefined;
  }
}

const firstLine = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error);
  return (said.split('\nin: ')[0] ?? said).slice(0, 400);
};
