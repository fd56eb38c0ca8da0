import { ProvehouseError } from '@provehouse/secrets';

/** Thrown for an address that is none of a ClickHouse HTTP interface, or that holds a password. */
export class ClusterUrlError extends ProvehouseError {
  override readonly name = 'ClusterUrlError';
}

/** Where a node's HTTP interface is. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** The ports of ClickHouse's HTTP interface: https://clickhouse.com/docs/guides/sre/network-ports */
const PORTS = { 'http:': 8123, 'https:': 8443 } as const;

/** The address in a URL such as `https://clickhouse.example:8443`. @throws ClusterUrlError */
export function parseClusterUrl(text: string): HttpAddress {
  const url = URL.parse(text);
  const example = 'such as http://127.0.0.1:8123 or https://clickhouse.example:8443';
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ClusterUrlError(
      `Expected the URL of a ClickHouse HTTP interface, ${example}; found ${withoutLogin(text)}.`,
    );
  }
  if (url.password !== '' || url.username !== '') {
    throw new ClusterUrlError(
      `Expected a URL without a login, ${example}, because other users of this machine see command lines. ` +
        'Give the account with --user, its password in PROVEHOUSE_PASSWORD or with --password-file.',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new ClusterUrlError(
      `Expected a URL without a path or parameters, ${example}; found ${url.href}. ` +
        'The interface must be at the root of its host.',
    );
  }
  return {
    // Node.js writes an address of IP version 6 in brackets, which belong to the URL alone.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // A port that is the protocol's usual one is not shown, and ClickHouse is not there.
    port: Number(url.port) || portIn(text) || PORTS[url.protocol],
    secure: url.protocol === 'https:',
  };
}

/** The port that is written in a URL, also where it is the protocol's own. */
const portIn = (text: string): number | undefined =>
  Number(/^\w+:\/\/(?:\[[^\]]*\]|[^/:@]*):(\d+)/.exec(text.trim())?.[1]) || undefined;

const withoutLogin = (text: string): string => text.replace(/\/\/[^/@]*@/, '//…@');

/** An address as a URL. */
export const urlOf = ({ host, port, secure }: HttpAddress): string =>
  `http${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`;
