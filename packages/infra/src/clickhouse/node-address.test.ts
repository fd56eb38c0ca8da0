import { afterEach, expect, test, vi } from 'vitest';
import { placeOf, ProxyError, proxyOf } from './node-address.ts';

afterEach(() => vi.unstubAllEnvs());

const node = (host: string) => ({ name: 'clickhouse-01', host, httpPort: 8123 });

test('the environment names the proxy of a node, except for this machine and what needs none', () => {
  vi.stubEnv('HTTP_PROXY', 'http://proxy.example:3128');
  vi.stubEnv('HTTPS_PROXY', 'http://secure.example:3129');
  vi.stubEnv('NO_PROXY', '.inside.example');
  expect(proxyOf(node('clickhouse.example'))?.host).toBe('proxy.example:3128');
  expect(proxyOf({ ...node('clickhouse.example'), tls: {} })?.host).toBe('secure.example:3129');
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', 'a.inside.example']) {
    expect(proxyOf(node(host)), host).toBeUndefined();
  }
});

test('a place names the proxy on the way there, without its login', () => {
  vi.stubEnv('HTTP_PROXY', 'http://me:hidden@proxy.example:3128');
  expect(placeOf(node('10.0.0.1'))).toBe(
    'clickhouse-01 (10.0.0.1:8123 through the proxy proxy.example:3128)',
  );
  expect(placeOf(node('::1'))).toBe('clickhouse-01 (::1:8123)');
});

test.each(['socks5://me:hidden@proxy:1080', 'http://me:hidden@proxy:no port'])(
  '%s is refused, and no password repeated',
  (proxy) => {
    vi.stubEnv('HTTP_PROXY', proxy);
    const refusal = (): unknown => proxyOf(node('10.0.0.1'));
    expect(refusal).toThrow(ProxyError);
    expect(refusal).not.toThrow(/hidden/);
  },
);
