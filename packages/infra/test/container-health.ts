import { $ } from 'zx';
import { z } from 'zod';
import { docker } from '../src/docker/engine.ts';

const checkSchema = z.object({
  Test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
  /** Nanoseconds. */
  Timeout: z.number(),
});

/** What a container's health check says. */
export interface Health {
  readonly healthy: boolean;
  /** Its output. */
  readonly said: string;
}

/**
 * Runs a container's own health check once, with the words and within the time that the engine has for
 * it, so that nobody waits for the next time that the engine does.
 * @throws ZodError for a container without a health check
 */
export async function askHealth(container: string): Promise<Health> {
  const format = '{{json .Config.Healthcheck}}';
  const text = await docker(['inspect', '--format', format, container]);
  const { Test, Timeout } = checkSchema.parse(JSON.parse(text));
  const [form, ...words] = Test;
  const command = form === 'CMD-SHELL' ? ['sh', '-c', ...words] : words;
  const seconds = String(Timeout / 1e9);
  const limited = ['timeout', '-s', 'KILL', seconds, ...command];
  const result = await $({ quiet: true, nothrow: true })`docker exec ${container} ${limited}`;
  return { healthy: result.exitCode === 0, said: `${result.stdout}${result.stderr}`.trim() };
}

/**
 * Stops all processes of a container but its first, which only passes on signals, as if they hung: they
 * exist and their ports are open. They go on when what is given is disposed of.
 */
export async function freeze(container: string): Promise<AsyncDisposable> {
  const signal = (name: string): Promise<string> =>
    docker(['exec', container, 'sh', '-c', `kill -s ${name} -- -1`]);
  await signal('STOP');
  return {
    async [Symbol.asyncDispose]() {
      await signal('CONT');
    },
  };
}
