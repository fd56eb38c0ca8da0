import { once } from 'node:events';
import { createServer } from 'node:http';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when the port of the metrics cannot be had. */
export class MetricsPortError extends ProvehouseError {
  override readonly name = 'MetricsPortError';
}

/** What is served. */
export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves a text at `/metrics` on the loopback address, for Prometheus to scrape.
 * @param text called for each answer
 * @throws MetricsPortError
 */
export async function serveMetrics(port: number, text: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const found = request.url === '/metrics' && request.method === 'GET';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(found ? text() : 'There is /metrics.\n');
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MetricsPortError(
      `Expected port ${port} of 127.0.0.1 for the metrics, found it ${code === 'EADDRINUSE' ? 'taken' : `refused (${code ?? ''})`}. Choose another with --listen.`,
      { cause },
    );
  }
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${own}/metrics`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
