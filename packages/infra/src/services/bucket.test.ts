import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openBucket } from './bucket.ts';

const KEYS = { accessKey: 'key', secretKey: 'never in an error', region: 'eu-1', bucket: 'b' };

/** A server that answers every request alike, and keeps what it was asked. */
async function answering(status: number, body = '') {
  const asked: { method: string; url: string; authorization: string }[] = [];
  const server = createServer(({ method = '', url = '', headers }, response) => {
    asked.push({ method, url, authorization: headers.authorization ?? '' });
    response.writeHead(status).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, endpoint, bucket: openBucket({ ...KEYS, endpoint }) };
}

test('a request is signed for the region, and names the object by its path', async () => {
  const { asked, bucket } = await answering(200);
  await bucket.write('a folder/ä+b', 'content');
  expect(asked).toEqual([
    {
      ...{ method: 'PUT', url: '/b/a%20folder/%C3%A4%2Bb' },
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-1\/s3\/aws4_request, /,
      ),
    },
  ]);
});

test('an error has the words of the server, or its answer where there are none', async () => {
  const xml = '<Error><Code>SlowDown</Code><Message>Please wait.</Message></Error>';
  const slow = await answering(503, xml);
  await expect(slow.bucket.read('a')).rejects.toThrow('Reading b/a: SlowDown: Please wait.');
  const refused = await answering(403);
  await expect(refused.bucket.ask()).rejects.toThrow(
    `The bucket b at ${refused.endpoint}: the keys are refused (403)`,
  );
  const broken = await answering(500, 'no XML');
  await expect(broken.bucket.remove('a')).rejects.toThrow(
    'Deleting b/a: the server answered 500 Internal Server Error',
  );
});

test('an object that is not there has no size, and where nobody listens that is said', async () => {
  const { bucket } = await answering(404);
  expect(await bucket.sizeOf('a')).toBeUndefined();
  const nobody = openBucket({ ...KEYS, endpoint: 'http://127.0.0.1:1' });
  await expect(nobody.ask()).rejects.toThrow(
    /^The S3 server at http:\/\/127\.0\.0\.1:1 does not answer: /,
  );
});
