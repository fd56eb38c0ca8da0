import type { Writable } from 'node:stream';

/** Gives a program its input, all of it. One that ends before it has read that says why by its exit code. */
export function giveInput(stdin: Writable, input: string): void {
  stdin.on('error', () => undefined);
  stdin.end(input);
}
