import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

const SESSION_TIMEOUT_MS = 5_000;
const CREATE = 1;
const DELETE = 2;
const GET_CHILDREN = 8;
const ANY_VERSION = -1;
const ALL_PERMISSIONS = 31;
const PERSISTENT = 0;

/** Where a member of the ensemble serves. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/**
 * Takes an entry and all below it away from coordination, as no operator should.
 * Protocol: https://github.com/apache/zookeeper/blob/master/zookeeper-jute/src/main/resources/zookeeper.jute
 * @throws Error with ZooKeeper's code of the failure
 */
export const forget = (server: Server, path: string): Promise<void> =>
  inSession(server, (socket, session) => remove(socket, session, path));

/** Puts an empty entry into coordination. @throws Error with ZooKeeper's code of the failure */
export const invent = (server: Server, path: string): Promise<void> =>
  inSession(server, async (socket, session) => {
    const everybody = [int(1), int(ALL_PERMISSIONS), text('world'), text('anyone')];
    socket.write(frame(int(1), int(CREATE), text(path), text(''), ...everybody, int(PERSISTENT)));
    await answer(session, path);
  });

async function inSession(
  { host, port }: Server,
  act: (socket: Socket, session: AsyncGenerator<Buffer>) => Promise<void>,
): Promise<void> {
  const socket = createConnection({ host, port });
  try {
    await once(socket, 'connect');
    const session = framed(socket);
    // Protocol version, last transaction seen, timeout, session, password.
    const password = Buffer.alloc(16);
    socket.write(
      frame(int(0), long(0n), int(SESSION_TIMEOUT_MS), long(0n), int(password.length), password),
    );
    await session.next();
    await act(socket, session);
  } finally {
    socket.destroy();
  }
}

async function remove(
  socket: Socket,
  session: AsyncGenerator<Buffer>,
  path: string,
): Promise<void> {
  socket.write(frame(int(1), int(GET_CHILDREN), text(path), Buffer.from([0])));
  for (const child of children(await answer(session, path))) {
    await remove(socket, session, `${path}/${child}`);
  }
  socket.write(frame(int(1), int(DELETE), text(path), int(ANY_VERSION)));
  await answer(session, path);
}

/** What follows the header of an answer: number of the request, transaction, error. */
async function answer(session: AsyncGenerator<Buffer>, path: string): Promise<Buffer> {
  const { value } = await session.next();
  const [header, body] = [value.subarray(0, 16), value.subarray(16)];
  const error = header.readInt32BE(12);
  if (error !== 0) throw new Error(`ZooKeeper answered ${error} about ${path}`);
  return body;
}

function children(body: Buffer): string[] {
  const names: string[] = [];
  let offset = 4;
  for (let left = body.readInt32BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(offset);
    names.push(body.toString('utf8', offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return names;
}

/** The messages that arrive, each of which its length precedes. */
async function* framed(socket: Socket): AsyncGenerator<Buffer> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      yield received.subarray(4, end);
      received = received.subarray(end);
    }
  }
  throw new Error('ZooKeeper ended the connection');
}

const frame = (...parts: readonly Buffer[]): Buffer => {
  const message = Buffer.concat(parts);
  return Buffer.concat([int(message.length), message]);
};

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

const text = (value: string): Buffer =>
  Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
