import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askCoordinator } from '../../clickhouse/coordination.ts';
import { EngineError } from '../../clickhouse/engine.ts';
import { retryUntil } from '../../system/retry-until.ts';
import { renderZookeeper } from './zoo-config.ts';

const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;

/**
 * Runs a ZooKeeper that elects itself, until it serves, and ends it.
 * @param command the program with its options, which takes the configuration as its last argument
 * @throws EngineError or CoordinationError when it does not serve, or ends otherwise than asked
 */
export async function trainZookeeper(command: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-zookeeper-'));
  try {
    const [client = 0, ...peers] = await freePorts(3);
    const address = { host: HOST, port: client };
    const file = join(folder, 'zoo.cfg');
    await writeFile(join(folder, 'myid'), '1');
    // Alone it would hold no election otherwise, and link none of its classes.
    const alone = 'standaloneEnabled=false\n';
    await writeFile(file, renderZookeeper(folder, address, [peers]) + alone);
    const [program = '', ...words] = command;
    const child = spawn(program, [...words, file], { stdio: 'ignore', env: {} });
    const ended = once(child, 'exit');
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const gone = ended.then(([code]) => {
        throw new EngineError(`Expected a ZooKeeper that serves, found one that ended: ${code}.`);
      });
      await Promise.race([retryUntil(() => askCoordinator(address), { signal }), gone]);
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
