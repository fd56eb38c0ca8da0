import { $ } from 'zx';
import { z } from 'zod';
import { docker } from '../src/docker/engine.ts';

/** The script of every check, the seconds that it pauses where the last answer was good, and the rest. */
const testSchema = z.tuple(
  [z.literal('CMD'), z.literal('sh'), z.literal('-c'), z.string(), z.string(), z.coerce.number()],
  z.string(),
);

/** What a container's health check says. */
export interface Health {
  readonly healthy: boolean;
  /** Its output. */
  readonly said: string;
}

/**
 * Runs a container's own health check once, without its pause, so that nobody waits for the next time that
 * the engine does.
 * @throws ZodError for a container without a health check
 */
export async function askHealth(container: string): Promise<Health> {
  const format = '{{json .Config.Healthcheck.Test}}';
  const text = await docker(['inspect', '--format', format, container]);
  const [, shell, option, script, name, , ...words] = testSchema.parse(JSON.parse(text));
  const command = [shell, option, script, name, '0', ...words];
  const result = await $({ quiet: true, nothrow: true })`docker exec ${container} ${command}`;
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
