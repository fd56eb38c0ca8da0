import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { ProvehouseError } from '@provehouse/secrets';
import type { Address } from './config.ts';

/**
 * Short, because a killed node is admitted again only when the session that it had has ended; long
 * enough for the pauses of a busy machine.
 */
export const SESSION_TIMEOUT_MS = 5_000;

/** Thrown when a Keeper or ZooKeeper does not answer, or belongs to no quorum. */
export class CoordinationError extends ProvehouseError {
  override readonly name = 'CoordinationError';
}

/** What a member of an ensemble says of itself. */
export interface CoordinatorState {
  /** `leader`, `follower`, `standalone`, … */
  readonly role: string;
  readonly sessions: number;
  /** Watches that its own sessions have set. */
  readonly watches: number;
  /** Followers that are in step; the leader alone knows. */
  readonly syncedFollowers?: number;
}

/**
 * Asks a Keeper or ZooKeeper for its state with the command `mntr`
 * (https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#sc_4lw).
 * @throws CoordinationError when it does not answer within `timeoutMs`, or has no quorum
 */
export async function askCoordinator(
  address: Address,
  timeoutMs = 2_000,
): Promise<CoordinatorState> {
  const answer = await fourLetters(address, 'mntr', timeoutMs);
  const values = new Map(
    answer
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([name = '', value = '']) => [name, value.trim()]),
  );
  const role = values.get('zk_server_state');
  if (role === undefined) {
    throw new CoordinationError(
      `${address.host}:${address.port} serves no requests: ${answer.trim() || 'it said nothing'}`,
    );
  }
  const synced = values.get('zk_synced_followers');
  return {
    role,
    sessions: Number(values.get('zk_num_alive_connections') ?? 0),
    watches: Number(values.get('zk_watch_count') ?? 0),
    ...(synced !== undefined && { syncedFollowers: Number(synced) }),
  };
}

async function fourLetters(
  { host, port }: Address,
  command: string,
  timeoutMs: number,
): Promise<string> {
  const socket = createConnection({ host, port });
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await once(socket, 'connect');
    socket.write(command);
    return await text(socket);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new CoordinationError(`${host}:${port} does not answer: ${said}`, { cause });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
