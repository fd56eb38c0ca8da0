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
  /** What stands before the interface, such as `/clickhouse` of a gateway. */
  readonly path?: string;
  /** The node that is meant where there are several behind the address, by the name it gives itself. */
  readonly answersAs?: string;
}

/** The ports of ClickHouse's HTTP interface: https://clickhouse.com/docs/guides/sre/network-ports */
const PORTS = { 'http:': 8123, 'https:': 8443 } as const;
/** A gateway, which has a path for ClickHouse, is where a gateway is. */
const GATEWAY_PORTS = { 'http:': 80, 'https:': 443 } as const;

/**
 * The address in a URL such as `https://clickhouse.example:8443` or
 * `https://gateway.example/clickhouse/`. @throws ClusterUrlError
 */
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
        'Give the account with --user, its password in PROVEHOUSE_PASSWORD or with --password-file; a token in PROVEHOUSE_TOKEN or with --token-file.',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new ClusterUrlError(
      `Expected a URL without parameters, ${example}; found ${url.origin}${url.pathname} with some. ` +
        'They might hold a password, which other users of this machine would see.',
    );
  }
  const path = url.pathname.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  const ports = path === '' ? PORTS : GATEWAY_PORTS;
  return {
    // Node.js writes an address of IP version 6 in brackets, which belong to the URL alone.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // A port that is the protocol's usual one is not shown, and ClickHouse is not there.
    port: Number(url.port) || portIn(text) || ports[url.protocol],
    secure: url.protocol === 'https:',
    ...(path !== '' && { path }),
  };
}

/** The port that is written in a URL, also where it is the protocol's own. */
const portIn = (text: string): number | undefined =>
  Number(/^\w+:\/\/(?:\[[^\]]*\]|[^/:@]*):(\d+)/.exec(text.trim())?.[1]) || undefined;

const withoutLogin = (text: string): string => text.replace(/\/\/[^/@]*@/, '//…@');

/** An address as a URL. */
export const urlOf = ({ host, port, secure, path = '' }: HttpAddress): string =>
  `http${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
