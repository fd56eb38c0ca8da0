import { get } from 'node:http';

/** Where an engine listens when nobody says otherwise. */
export const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/**
 * What is wrong with the engine at that address (as in DOCKER_HOST), in words; undefined when it
 * answers within `timeout` milliseconds.
 */
export function whyUnreachable(host: string, timeout: number): Promise<string | undefined> {
  const place = placeOf(host);
  if (place === undefined) {
    return Promise.resolve(`${host} is neither unix:///path nor tcp://host:port without TLS`);
  }
  return new Promise((resolve) => {
    const options = {
      ...place,
      path: '/_ping',
      signal: AbortSignal.timeout(timeout),
      agent: false,
    };
    const request = get(options, (response) => {
      response.resume();
      const status = response.statusCode;
      resolve(status === 200 ? undefined : `${host} answers with status ${status}`);
    });
    request.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.name === 'AbortError'
          ? `${host} does not answer within ${timeout} ms`
          : `nothing answers at ${host} (${error.code ?? error.message})`,
      ),
    );
  });
}

type Place = { readonly socketPath: string } | { readonly host: string; readonly port: string };

function placeOf(host: string): Place | undefined {
  if (host.startsWith('unix:///')) return { socketPath: host.slice('unix://'.length) };
  if (!URL.canParse(host)) return undefined;
  const { protocol, hostname, port } = new URL(host);
  if (protocol !== 'tcp:' || hostname === '') return undefined;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? '2375' : port };
}
