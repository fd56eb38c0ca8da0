import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { askCoordinator, CoordinationError } from './coordination.ts';

/** A server on the loopback address that treats each connection as given. */
async function listen(serve: (socket: Socket) => void) {
  const server = createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    [Symbol.dispose]: () => void server.close(),
  };
}

const answering = (text: string) =>
  listen((socket) => {
    socket.once('data', (asked) => socket.end(asked.toString() === 'mntr' ? text : 'what?'));
  });

test('a leader says how many follow it', async () => {
  using leader = await answering(
    'zk_server_state\tleader\nzk_num_alive_connections\t5\nzk_watch_count\t7\nzk_synced_followers\t2\n',
  );
  expect(await askCoordinator(leader.address)).toEqual({
    role: 'leader',
    sessions: 5,
    watches: 7,
    syncedFollowers: 2,
  });
});

test('a member without a quorum is an error that gives its own words', async () => {
  using alone = await answering('This ZooKeeper instance is not currently serving requests\n');
  const asked = askCoordinator(alone.address);
  await expect(asked).rejects.toThrow(CoordinationError);
  await expect(asked).rejects.toThrow('is not currently serving requests');
});

test('a member that accepts and is silent is given up', async () => {
  using silent = await listen((socket) => socket.on('data', () => undefined));
  await expect(askCoordinator(silent.address, 100)).rejects.toThrow('no answer within 100 ms');
});

test('a port on which nothing listens is an error with the address', async () => {
  const gone = await answering('');
  gone[Symbol.dispose]();
  await expect(askCoordinator(gone.address)).rejects.toThrow(
    `127.0.0.1:${gone.address.port} does not answer`,
  );
});
