import { expect, test } from 'vitest';
import { versionIn } from './valkey.ts';

test("Valkey's version is its own, not that of the Redis it is compatible with", () => {
  const information = '# Server\r\nredis_version:7.2.4\r\nvalkey_version:9.1.0\r\n';
  expect(versionIn(information)).toBe('9.1.0');
});

test("Redis' version is the one that it gives", () => {
  expect(versionIn('# Server\r\nredis_version:8.2.1\r\n')).toBe('8.2.1');
});

test('a server that does not say its version is unknown', () => {
  expect(versionIn('# Server\r\n')).toBe('unknown');
});
