import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from './free-ports.ts';

test('a port that somebody listens on is passed over', async () => {
  const { a } = await freePorts(['a']);
  const server = createServer().listen(a, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const ports = await freePorts(['a', 'b']);
  expect(Object.values(ports)).not.toContain(a);
  expect(new Set(Object.values(ports)).size).toBe(2);
});
