import { expect, test } from 'vitest';
import { healthRequest } from './health-request.ts';

test('it logs in as the broker with any password, and asks for the cluster', () => {
  const bytes = Buffer.from(healthRequest('paß"word'), 'base64');
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
    messages.push(bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at)));
  }
  // Key, version and number of each request: SaslHandshake, SaslAuthenticate, Metadata.
  expect(messages.map((message) => message.subarray(0, 8).toString('hex'))).toEqual([
    '0011000100000001',
    '0024000000000002',
    '0003000100000003',
  ]);
  const [handshake, login] = messages.map((message) => message.subarray(10).toString());
  expect(handshake).toBe('\0\x05PLAIN');
  expect(login?.slice(4)).toBe('\0broker\0paß"word');
});
