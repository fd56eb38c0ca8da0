import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** What stands before servers of this machine. */
export interface Gateway extends AsyncDisposable {
  readonly port: number;
  /** Requests that were passed on so far. */
  readonly passed: () => number;
}

/** Where a request goes, and with which headers besides; or the status with which it is refused. */
export type Route = (request: IncomingMessage) =>
  | {
      readonly port: number;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | number;

/** Starts a server that passes each request on to where the route says. */
export async function startGateway(route: Route): Promise<Gateway> {
  let passed = 0;
  const server = createServer((incoming, response) => {
    const to = route(incoming);
    if (typeof to === 'number') {
      response.writeHead(to).end('refused by the gateway');
      return;
    }
    passed += 1;
    passOn(incoming, response, to);
  });
  // What is to be encrypted to the end goes through a tunnel.
  server.on('connect', (incoming, socket) => {
    const to = route(incoming);
    if (typeof to === 'number') {
      socket.end(`HTTP/1.1 ${to} refused by the gateway\r\n\r\n`);
      return;
    }
    passed += 1;
    const onward = connect(to.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function passOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  { port, path, headers = {} }: Exclude<ReturnType<Route>, number>,
): void {
  const { authorization: _, ...own } = incoming.headers;
  const kept = Object.keys(headers).length > 0 ? own : incoming.headers;
  const options = { host: '127.0.0.1', port, path, method: incoming.method };
  const onward = request({ ...options, headers: { ...kept, ...headers } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/**
 * The route of a forward proxy that wants a login, and knows hosts that nobody else does.
 * https://datatracker.ietf.org/doc/html/rfc9112#name-absolute-form
 */
export const forwardRoute =
  (hosts: ReadonlyMap<string, number>, login: string): Route =>
  ({ method, url = '', headers }) => {
    const wanted = `Basic ${Buffer.from(login).toString('base64')}`;
    if (headers['proxy-authorization'] !== wanted) return 407;
    const target = URL.parse(method === 'CONNECT' ? `https://${url}` : url);
    const port = hosts.get(target?.hostname ?? '');
    return target === null || port === undefined
      ? 502
      : { port, path: `${target.pathname}${target.search}` };
  };

/** The route to a server below a path, for who shows a token: it knows the account that this means. */
export const tokenRoute =
  (
    port: number,
    path: string,
    token: string,
    account: { readonly user: string; readonly password: string },
  ): Route =>
  ({ url = '', headers }) => {
    if (!url.startsWith(path)) return 404;
    if (headers.authorization !== `Bearer ${token}`) return 401;
    return {
      port,
      path: url.slice(path.length).replace(/^(?!\/)/, '/'),
      headers: { 'x-clickhouse-user': account.user, 'x-clickhouse-key': account.password },
    };
  };
