import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../clickhouse/config.ts';
import { EngineError } from '../../clickhouse/engine.ts';
import { retryUntil } from '../../system/retry-until.ts';

const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;

/** A server that is run once, so that Java keeps its classes as they were linked. */
export interface TrainedServer {
  /** Its name, such as `ZooKeeper`. */
  readonly name: string;
  /** How many ports it listens at. */
  readonly ports: number;
  /**
   * Puts what it reads into a folder; gives its arguments, and what is asked of it until it serves.
   * @param addresses those at which it is to listen
   */
  prepare(folder: string, addresses: readonly Address[]): Promise<Training>;
}

/** A server that is ready to be started. */
export interface Training {
  readonly words: readonly string[];
  /** Asks it what it is asked in earnest, so that those classes are loaded, too. */
  ask(): Promise<unknown>;
}

/**
 * Runs a server in a folder of its own until it has answered, and ends it.
 * @param command the program with its options, to which the server's arguments are added
 * @throws EngineError when it ends by itself, or what its question throws when it does not serve
 */
export async function trainServer(
  command: readonly string[],
  { name, ports, prepare }: TrainedServer,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `provehouse-${name.toLowerCase()}-`));
  try {
    const free = await freePorts(ports);
    const { words, ask } = await prepare(
      folder,
      free.map((port) => ({ host: HOST, port })),
    );
    const [program = '', ...options] = command;
    const child = spawn(program, [...options, ...words], { stdio: 'ignore', env: {} });
    const ended = once(child, 'exit');
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const gone = ended.then(([code]) => {
        throw new EngineError(`Expected a ${name} that serves, found one that ended: ${code}.`);
      });
      await Promise.race([retryUntil(ask, { signal }), gone]);
    } finally {
      child.kill();
      await ended;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ports on which nothing listens, all of them different. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let index = 0; index < count; index += 1) {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
