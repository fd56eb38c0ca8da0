import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Gateway } from './gateway.ts';

/** Starts what passes each connection on to the next of some ports of this machine, in turn. */
export async function startConnectionBalancer(ports: readonly number[]): Promise<Gateway> {
  let passed = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(ports[passed % ports.length] ?? 0, '127.0.0.1');
    passed += 1;
    for (const one of [socket, onward]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
