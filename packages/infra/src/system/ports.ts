import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { ProvehouseError } from '@provehouse/secrets';
import { listenerOf } from './processes.ts';
import type { PortClaims } from './port-claims.ts';

/** Thrown when a port that was set cannot be used; names the port and who has it. */
export class PortError extends ProvehouseError {
  override readonly name = 'PortError';
}

export interface PortRequest {
  /** For instance `clickhouse-01.http`. */
  readonly name: string;
  readonly preferred: number;
  /** Set where datagrams are sent to it, and no connection is made. */
  readonly udp?: boolean;
}

/** The port that a plan gives to `name`. @throws RangeError when the plan has none */
export function portOf(
  { ports }: { readonly ports: Readonly<Record<string, number>> },
  name: string,
): number {
  const port = ports[name];
  if (port === undefined) throw new RangeError(`the plan has no port for ${name}`);
  return port;
}

/** Whether a plan has a port for each request. */
export const hasPorts = (
  { ports }: { readonly ports: Readonly<Record<string, number>> },
  requests: readonly PortRequest[],
): boolean => requests.every(({ name }) => ports[name] !== undefined);

/** A default port that was taken, and the one that is used instead. */
export interface MovedPort {
  readonly name: string;
  readonly preferred: number;
  readonly port: number;
  readonly owner: string;
}

export interface PortPlan {
  readonly ports: Readonly<Record<string, number>>;
  readonly moved: readonly MovedPort[];
}

const LOOPBACK = '127.0.0.1';

/** Whether nothing listens on the port of the loopback address. */
export function isFree(port: number, { udp }: Pick<PortRequest, 'udp'> = {}): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    };
    if (udp) {
      const socket = createSocket('udp4').once('error', refused);
      socket.bind({ port, address: LOOPBACK, exclusive: true }, () => {
        socket.close(() => resolve(true));
      });
      return;
    }
    const server = createServer().once('error', refused);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/**
 * Parses `name=port` words, such as `airflow=18080`.
 * @throws PortError for a word of another form, an unknown name or a number that is no port
 */
export function parsePorts(
  words: readonly string[],
  known: readonly string[],
): Readonly<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const word of words) {
    const [, name = '', digits = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    const port = Number(digits);
    if (!known.includes(name)) {
      throw new PortError(
        `--port ${word}: expected NAME=PORT with one of ${known.join(', ')} as the name.`,
      );
    }
    if (!/^\d+$/.test(digits) || port < 1 || port > 65535) {
      throw new PortError(`--port ${word}: expected a port from 1 to 65535, found "${digits}".`);
    }
    ports[name] = port;
  }
  return ports;
}

/**
 * A free port for each request: the one that was set, or else the preferred one, or else the next
 * free one above it.
 * @throws PortError for a set port that is taken or set twice; names every such port and its process
 */
export async function planPorts(
  requests: readonly PortRequest[],
  set: Readonly<Record<string, number>>,
  claims: PortClaims,
): Promise<PortPlan> {
  const ports: Record<string, number> = {};
  const taken: string[] = [];
  const claimed = new Set<number>();
  for (const [name, port] of Object.entries(set)) {
    const request = requests.find((one) => one.name === name);
    if (claimed.has(port)) taken.push(`${name}: port ${port} is set for another component, too`);
    else if (!(await isFree(port, request))) {
      taken.push(`${name}: port ${port} is taken by ${await listenerOf(port, request)}`);
    } else if (!(await claims.claim(port))) {
      taken.push(`${name}: port ${port} was just chosen by another start`);
    }
    claimed.add(port);
    ports[name] = port;
  }
  if (taken.length > 0) {
    throw new PortError(
      `Nothing was started. ${taken.join('; ')}. End that process or set another port.`,
    );
  }
  const moved: MovedPort[] = [];
  for (const request of requests) {
    const { name, preferred } = request;
    if (ports[name] !== undefined) continue;
    let port = preferred;
    while (claimed.has(port) || !(await isFree(port, request)) || !(await claims.claim(port)))
      port += 1;
    if (port > 65535) throw new PortError(`${name}: no free port from ${preferred} up.`);
    claimed.add(port);
    ports[name] = port;
    if (port !== preferred) {
      moved.push({ name, preferred, port, owner: await listenerOf(preferred, request) });
    }
  }
  return { ports, moved };
}
