import { $ } from 'zx';
import { z } from 'zod';
import { docker } from './engine.ts';

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
 * the engine does; it takes as long as the check may at most.
 * @throws EngineError when the container is gone, ZodError for one without a health check of Terraform's modules
 */
export async function askHealth(
  container: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Health> {
  const format = '{{json .Config.Healthcheck.Test}}';
  const text = await docker(['inspect', '--format', format, container]);
  const [, shell, option, script, name, , ...words] = testSchema.parse(JSON.parse(text));
  const command = [shell, option, script, name, '0', ...words];
  const options = { quiet: true, nothrow: true, signal } as const;
  const result = await $(options)`docker exec ${container} ${command}`;
  return { healthy: result.exitCode === 0, said: `${result.stdout}${result.stderr}`.trim() };
}
