import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { untilQueueIsWatched } from './ddl-queue.ts';

const ELECTING = 'This ZooKeeper instance is not currently serving requests\n';
const watchedBy = (nodes: number): string => `zk_server_state\tleader\nzk_watch_count\t${nodes}\n`;

/** A coordinator that gives these answers one after the other, and then the last one again. */
async function coordinatorThatSays(...answers: readonly string[]) {
  let asked = 0;
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(answers[asked++] ?? answers.at(-1) ?? ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a coordinator that elects a leader is asked again, and so is one with too few watches', async () => {
  await using one = await coordinatorThatSays(ELECTING, watchedBy(1), watchedBy(2));
  await untilQueueIsWatched([one.address], 2);
  expect(one.asked()).toBe(3);
});

test('the watches of all coordinators count', async () => {
  await using one = await coordinatorThatSays(watchedBy(1));
  await using two = await coordinatorThatSays(watchedBy(3));
  await untilQueueIsWatched([one.address, two.address], 4);
  expect([one.asked(), two.asked()]).toEqual([1, 1]);
});
