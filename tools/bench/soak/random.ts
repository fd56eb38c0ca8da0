import { createHash } from 'node:crypto';

/** Numbers that follow from a seed: the same seed gives the same ones, in the same order. */
export class Random {
  readonly #seed: number;
  readonly #purpose: string;
  #drawn = 0;

  constructor(seed: number, purpose: string) {
    this.#seed = seed;
    this.#purpose = purpose;
  }

  /** A number from 0 up to 1, by SHA-256 of seed, purpose and how many were drawn before. */
  next(): number {
    const text = `${this.#seed}:${this.#purpose}:${this.#drawn++}`;
    return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
  }

  /** A number between two others. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** One of several. @throws RangeError where there are none */
  of<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('there is nothing to choose from');
    return item;
  }
}
