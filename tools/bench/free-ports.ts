import { createServer } from 'node:net';

/** Below the ports from which systems take those of outgoing connections. */
const FIRST = 21_000;
const LAST = 29_999;

/**
 * A different port of the loopback address for each name, on none of which anything listens.
 * @throws RangeError when there are not enough of them
 */
export async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  let port = FIRST;
  for (const name of names) {
    while (!(await isFree(port))) port += 1;
    if (port > LAST) throw new RangeError(`no port from ${FIRST} to ${LAST} is free for ${name}`);
    ports[name] = port;
    port += 1;
  }
  return ports;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
