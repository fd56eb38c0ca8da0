import { ProvehouseError } from '@provehouse/secrets';
import type { VerifiedRun } from '../verified-run.ts';
import { changesSince, messageOf, statusesOf, type Statuses } from './verdict-changes.ts';

/** Somebody who is sent messages. */
export interface Receiver {
  /** By which what they have heard is kept for the next watch; holds no secret. */
  readonly name: string;
  /** Sends a message. @throws ProvehouseError when it is not taken */
  readonly send: (text: string) => Promise<void>;
}

/** A receiver with what they have heard so far: what they have heard is not sent again. */
export class InformedReceiver {
  readonly name: string;
  #heard: Statuses;
  readonly #notes: string[] = [];
  readonly #send: Receiver['send'];
  readonly #tell: (line: string) => void;

  /** @param tell gets why a message was not taken */
  constructor({ name, send }: Receiver, heard: Statuses, tell: (line: string) => void) {
    this.name = name;
    this.#send = send;
    this.#heard = heard;
    this.#tell = tell;
  }

  /** What they have heard of each check last. */
  get heard(): Statuses {
    return this.#heard;
  }

  /**
   * Sends what is another than they have heard, with what was noted since; what is not taken is sent with
   * the next run.
   * @param link where the report is, if there is one
   */
  async hear(run: VerifiedRun, link: string | undefined): Promise<void> {
    const changes = changesSince(this.#heard, run);
    if (changes.length > 0 || this.#notes.length > 0) {
      const lines = [messageOf(run.deployment, run.status, changes), ...this.#notes];
      if (link !== undefined) lines.push(`Report: ${link}`);
      if (!(await this.#take(lines))) return;
      this.#notes.splice(0);
    }
    this.#heard = new Map([...this.#heard, ...statusesOf(run)]);
  }

  /** Sends a line by itself; one that is not taken is sent with the next run. */
  async note(line: string): Promise<void> {
    if (!(await this.#take([line]))) this.#notes.push(line);
  }

  async #take(lines: readonly string[]): Promise<boolean> {
    try {
      await this.#send(lines.join('\n'));
      return true;
    } catch (error) {
      if (!(error instanceof ProvehouseError)) throw error;
      this.#tell(`${error.message} It is sent again with the next run.`);
      return false;
    }
  }
}
