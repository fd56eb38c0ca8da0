import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { generate } from 'selfsigned';

/** Ports of this machine that speak TLS and pass on what they receive to others that do not. */
export interface TlsProxies extends AsyncDisposable {
  /** By the ports behind them. */
  readonly ports: ReadonlyMap<number, number>;
  /** File with the certificate that they show, for 127.0.0.1. */
  readonly caFile: string;
  /** A certificate and its key that they accept, where they ask for one. */
  readonly client: { readonly certificateFile: string; readonly keyFile: string };
}

/** Puts TLS in front of ports of this machine; `mutual` asks who connects for a certificate as well. */
export async function startTlsProxies(
  behind: readonly number[],
  { mutual = false }: { readonly mutual?: boolean } = {},
): Promise<TlsProxies> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-tls-'));
  const shown = await certificate();
  const client = await certificate();
  const files = { ca: shown.cert, 'client.pem': client.cert, 'client.key': client.private };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const options: TlsOptions = {
    ...{ cert: shown.cert, key: shown.private },
    ...(mutual && { requestCert: true, rejectUnauthorized: true, ca: client.cert }),
  };
  const servers = await Promise.all(behind.map((port) => startProxy(port, options)));
  return {
    ports: new Map(
      servers.map((server, index) => [behind[index] ?? 0, (server.address() as AddressInfo).port]),
    ),
    caFile: join(folder, 'ca'),
    client: { certificateFile: join(folder, 'client.pem'), keyFile: join(folder, 'client.key') },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      await rm(folder, { recursive: true });
    },
  };
}

const certificate = () =>
  generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });

async function startProxy(behind: number, options: TlsOptions): Promise<Server> {
  const server = createServer(options, (socket) => {
    const onward = connect(behind, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
