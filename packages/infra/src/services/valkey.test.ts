import { createHash } from 'node:crypto';
import { generateSecrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { renderConfig, versionIn } from './valkey.ts';

const settings = {
  ...{ listenHost: '127.0.0.1', port: 6379, dataFolder: '/data', secrets: generateSecrets() },
};

test('there is an account of monitoring only where it is asked for, with the digest of its password', () => {
  expect(renderConfig(settings)).not.toMatch(/^user /m);
  const password = 'a "password" of monitoring';
  const text = renderConfig({ ...settings, monitor: { name: 'monitoring', password } });
  const digest = createHash('sha256').update(password).digest('hex');
  expect(text).toContain(`\nuser monitoring on #${digest} +info `);
  expect(text).not.toContain(password);
});

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
