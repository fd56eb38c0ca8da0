import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderS3Proxy } from './s3proxy-config.ts';

test('the configuration listens at the given address, and carries keys of any characters', () => {
  const lines = renderS3Proxy({
    ...{ listen: { host: '127.0.0.1', port: 9900 }, dataFolder: '/data/storage' },
    ...{ accessKey: 'storage', secretKey: String.raw` a\b=é#` },
  }).split('\n');
  expect(lines).toContain('s3proxy.endpoint=http://127.0.0.1:9900');
  expect(lines).toContain('s3proxy.authorization=aws-v4');
  expect(lines).toContain(String.raw`s3proxy.credential=\ a\\b=\u00e9#`);
});

test('the committed lock has the server without the libraries of clouds, each jar with its sum', async () => {
  const { jars } = JSON.parse(
    await readFile(join(import.meta.dirname, 's3proxy.lock.json'), 'utf8'),
  ) as { jars: { coordinate: string; file: string; sha256: string }[] };
  const names = jars.map(({ coordinate }) => coordinate);
  expect(names).toContain('org.gaul:s3proxy:4.1.0');
  expect(names.filter((name) => /azure|google.cloud|grpc/.test(name))).toEqual([]);
  for (const { sha256 } of jars) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});
