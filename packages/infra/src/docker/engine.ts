import { statfs } from 'node:fs/promises';
import { $ } from 'zx';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when the container engine cannot be used, or refuses something; holds its last words. */
export class EngineError extends ProvehouseError {
  override readonly name = 'EngineError';
}

/** The engine that the recipes were tried with; health checks and networks need no newer one. */
const OLDEST_ENGINE = 20;
const LEAST_FREE_BYTES = 4 * 1024 ** 3;

/** Output of a docker command. @throws EngineError */
export async function docker(words: readonly string[]): Promise<string> {
  const result = await $({ quiet: true, nothrow: true })`docker ${words}`;
  if (result.exitCode === 0) return result.stdout.trim();
  const said = result.stderr.trim().split('\n').slice(-8).join('\n');
  throw new EngineError(`docker ${words.slice(0, 2).join(' ')} failed:\n${said}`);
}

const informationSchema = z.object({
  ServerVersion: z.string(),
  DockerRootDir: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  SystemTime: z.string(),
});

/** What is known of an engine that can run a platform. */
export interface EngineInformation {
  readonly version: string;
  /** What its clock showed, which another machine's may differ from. */
  readonly time: Date;
}

/**
 * Makes sure that an engine answers, is new enough and has room.
 * @throws EngineError with what to do
 */
export async function checkEngine(): Promise<EngineInformation> {
  const text = await docker(['info', '--format', '{{json .}}']).catch((cause: unknown) => {
    throw new EngineError(
      'Expected a Docker engine, found none that answers. Start it, or set DOCKER_HOST to where it is; ' +
        'without --runtime docker no engine is needed.',
      { cause },
    );
  });
  const parsed = informationSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    // The client answers by itself, with the engine's errors, when the engine is away.
    throw new EngineError(
      'Expected a Docker engine, found none that answers. Start it, or set DOCKER_HOST to where it is; ' +
        'without --runtime docker no engine is needed.',
      { cause: parsed.error },
    );
  }
  const { ServerVersion: version, DockerRootDir: folder, SystemTime: time } = parsed.data;
  if (Number.parseInt(version, 10) < OLDEST_ENGINE) {
    throw new EngineError(
      `Expected Docker ${OLDEST_ENGINE} or newer, found ${version}. Update it.`,
    );
  }
  await checkRoom(folder);
  return { version, time: new Date(time) };
}

/** An engine on another machine has its folder there; nothing can be said of it from here. */
async function checkRoom(folder: string): Promise<void> {
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined) return;
  const free = disk.bavail * disk.bsize;
  if (free < LEAST_FREE_BYTES) {
    const gigabytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
    throw new EngineError(
      `Expected ${gigabytes(LEAST_FREE_BYTES)} GiB free where Docker keeps its data, found ` +
        `${gigabytes(free)} GiB. Make room, for instance with \`docker image prune\`.`,
    );
  }
}
