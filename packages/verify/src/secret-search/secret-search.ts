import { createReadStream } from 'node:fs';
import type { SecretForm } from './secret-forms.ts';

/** Where a secret is written; never the secret itself. */
export interface Leak {
  readonly field: string;
  readonly form: string;
  /** File, process or other place. */
  readonly place: string;
  /** From 1. */
  readonly line: number;
}

/** What was found in a text, and how long it was. */
export interface SearchedText {
  readonly leaks: readonly Leak[];
  readonly bytes: number;
}

/** Finds the forms of secrets in texts and in files of any size. */
export class SecretSearch {
  readonly #byText: ReadonlyMap<string, SecretForm>;
  readonly #pattern: RegExp;
  readonly #longest: number;

  constructor(forms: readonly SecretForm[]) {
    // Bytes are read as Latin-1, one character each, so that a chunk may end anywhere.
    this.#byText = new Map(forms.map((form) => [latin1(form.text), form]));
    const texts = [...this.#byText.keys()].toSorted((a, b) => b.length - a.length);
    this.#longest = texts[0]?.length ?? 0;
    // Without any form a pattern that matches nothing.
    this.#pattern = new RegExp(texts.map(escapePattern).join('|') || '(?!)', 'g');
  }

  /** The leaks in a text. */
  inText(place: string, text: string): Leak[] {
    return [...this.#matches(latin1(text))].map(({ field, form, index, chunk }) => ({
      ...{ field, form, place },
      line: 1 + newlines(chunk.slice(0, index)),
    }));
  }

  /** The leaks in a file, with the bytes that were read. @throws when it cannot be read */
  inFile(file: string): Promise<SearchedText> {
    return this.inStream(file, createReadStream(file, { highWaterMark: 1 << 20 }));
  }

  /** The leaks in a stream of bytes, with how many were read. */
  async inStream(place: string, stream: AsyncIterable<Uint8Array>): Promise<SearchedText> {
    const leaks: Leak[] = [];
    let bytes = 0;
    let line = 1;
    let rest = '';
    for await (const part of stream) {
      bytes += part.length;
      const chunk = rest + Buffer.from(part).toString('latin1');
      let end = 0;
      for (const { field, form, index, length } of this.#matches(chunk)) {
        leaks.push({ field, form, place, line: line + newlines(chunk.slice(0, index)) });
        end = index + length;
      }
      // The end may hold the beginning of a secret; what has matched is not looked at again.
      const keep = Math.max(end, chunk.length - this.#longest + 1, 0);
      line += newlines(chunk.slice(0, keep));
      rest = chunk.slice(keep);
    }
    return { leaks, bytes };
  }

  *#matches(
    chunk: string,
  ): Generator<{ field: string; form: string; index: number; length: number; chunk: string }> {
    for (const { 0: text, index } of chunk.matchAll(this.#pattern)) {
      const found = this.#byText.get(text);
      if (found === undefined) continue;
      yield { field: found.field, form: found.form, index, length: text.length, chunk };
    }
  }
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
