import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { ProvehouseError } from '@provehouse/secrets';
import { getProxyForUrl } from 'proxy-from-env';
import type { ClickHouseNode } from '../state/deployment.ts';
import { tlsOptions } from './node-tls.ts';

/** Where a node is, as far as its HTTP interface is concerned. */
export type NodeAddress = Pick<ClickHouseNode, 'name' | 'host' | 'httpPort' | 'path' | 'tls'>;

/** Thrown for a proxy that cannot be used. */
export class ProxyError extends ProvehouseError {
  override readonly name = 'ProxyError';
}

/** The URL of a node's host and port, without its path. */
export const urlOf = ({ host, httpPort, tls }: NodeAddress): string =>
  // An address of IP version 6 stands in brackets in a URL (RFC 3986, section 3.2.2).
  `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${httpPort}`;

/** A node for errors: its name and where it was looked for, with the proxy on the way there. */
export function placeOf(node: NodeAddress): string {
  const proxy = proxyOf(node);
  const through = proxy === undefined ? '' : ` through the proxy ${proxy.host}`;
  return `${node.name} (${node.host}:${node.httpPort}${through})`;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a node, if there is one.
 * This machine itself is behind none, as Go has it and unlike curl: platforms run here.
 * @throws ProxyError for a text that is no URL of an HTTP proxy
 */
export function proxyOf(node: NodeAddress): URL | undefined {
  const { host } = node;
  const version = isIP(host);
  const here =
    version === 0 ? host === 'localhost' : LOOPBACK.check(host, `ipv${version as 4 | 6}`);
  const text = here ? '' : getProxyForUrl(urlOf(node));
  if (text === '') return undefined;
  const proxy = URL.parse(text);
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) {
    // The text may hold a password.
    throw new ProxyError(
      `Expected the URL of an HTTP proxy such as http://proxy.example:3128 in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, found ${proxy === null ? 'another text' : `one of ${proxy.protocol}//`}. Correct it, or name ${host} in NO_PROXY.`,
    );
  }
  return proxy;
}

/**
 * What opens the connections to a node and keeps them, at most `sockets` of them: nothing special for
 * several where there is neither TLS nor a proxy.
 * @throws TlsFileError, ProxyError
 */
export function agentOf(node: NodeAddress, sockets: number): Agent | undefined {
  const proxy = proxyOf(node);
  if (node.tls === undefined && proxy === undefined && sockets > 1) return undefined;
  // https://nodejs.org/api/http.html#built-in-proxy-support
  if (proxy !== undefined && !process.allowedNodeEnvironmentFlags.has('--use-env-proxy')) {
    throw new ProxyError(
      `Expected Node.js 22.21, or 24.5 or later, to go through the proxy ${proxy.host}, found ${process.version}. Update it, or name ${node.host} in NO_PROXY.`,
    );
  }
  const options = {
    ...{ keepAlive: true, maxSockets: sockets },
    ...(proxy && { proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } }),
  };
  return node.tls === undefined
    ? new Agent(options)
    : new TlsAgent({ ...options, ...tlsOptions(node.tls) });
}
