import { expect, test } from 'vitest';
import { ClusterUrlError, parseClusterUrl, urlOf } from './cluster-url.ts';

test.each([
  ['http://127.0.0.1:8128', { host: '127.0.0.1', port: 8128, secure: false }],
  ['https://clickhouse.example', { host: 'clickhouse.example', port: 8443, secure: true }],
  ['http://clickhouse.example/', { host: 'clickhouse.example', port: 8123, secure: false }],
  ['https://clickhouse.example:443', { host: 'clickhouse.example', port: 443, secure: true }],
  ['http://[::1]:8123', { host: '::1', port: 8123, secure: false }],
  [
    'https://gateway.example/clickhouse/',
    { host: 'gateway.example', port: 443, secure: true, path: '/clickhouse' },
  ],
  [
    'http://gateway.example:8080/a//b',
    { host: 'gateway.example', port: 8080, secure: false, path: '/a/b' },
  ],
])('%s is an address', (url, address) => {
  expect(parseClusterUrl(url)).toEqual(address);
});

test.each([
  ['127.0.0.1:8123', /Expected the URL.*found 127\.0\.0\.1:8123/],
  ['tcp://127.0.0.1:9000', /Expected the URL/],
  ['http://host:8123/?user=x', /without parameters/],
  ['nonsense', /Expected the URL/],
])('%s is refused', (url, said) => {
  expect(() => parseClusterUrl(url)).toThrow(ClusterUrlError);
  expect(() => parseClusterUrl(url)).toThrow(said);
});

test('a login in a URL is refused, and not repeated', () => {
  for (const url of ['http://su:hunter2@host:8123', 'ftp://su:hunter2@host']) {
    const refusal = (): unknown => parseClusterUrl(url);
    expect(refusal).toThrow(ClusterUrlError);
    expect(refusal).not.toThrow(/hunter2/);
  }
});

test('an address is written as a URL', () => {
  expect(urlOf({ host: '::1', port: 8443, secure: true })).toBe('https://[::1]:8443');
  const gateway = { host: 'gateway', port: 443, secure: true, path: '/clickhouse' };
  expect(urlOf(gateway)).toBe('https://gateway:443/clickhouse');
});
