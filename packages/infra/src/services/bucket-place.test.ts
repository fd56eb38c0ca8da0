import { expect, test } from 'vitest';
import { bucketUrl, parseBucketUrl } from './bucket-place.ts';

test.each([
  ['http://127.0.0.1:9900/my-bucket', 'http://127.0.0.1:9900', 'my-bucket', '', 'us-east-1'],
  ['https://minio.example/b.1/a/b_2/', 'https://minio.example', 'b.1', 'a/b_2/', 'us-east-1'],
  [
    'https://s3.eu-central-1.amazonaws.com/data',
    ...['https://s3.eu-central-1.amazonaws.com', 'data', '', 'eu-central-1'],
  ],
])('%s is a server, a bucket and a prefix', (text, endpoint, bucket, prefix, region) => {
  const place = parseBucketUrl(text);
  expect(place).toEqual({ endpoint, bucket, prefix, region });
  expect(bucketUrl(place)).toBe(text.replace(/\/$/, ''));
});

test.each([
  ['my-bucket', /expected http\(s\):\/\/HOST\[:PORT\]\/BUCKET\[\/PREFIX\], found "my-bucket"/],
  ['http://127.0.0.1:9900', /found "http:\/\/127\.0\.0\.1:9900"/],
  ['ftp://host/bucket', /found "ftp:\/\/host\/bucket"/],
  ['http://host/bucket?key=secret', /found "http:\/\/host\/bucket"\.$/],
  ['http://host/Bucket', /expected a bucket's name, .* found "Bucket"/],
  ['http://host/bucket/a%20b', /expected a prefix of .* found "a%20b"/],
  ['http://host/bucket//a', /expected a prefix of .* found ""/],
])('%s is refused', (text, said) => {
  expect(() => parseBucketUrl(text)).toThrow(said);
});

test('keys in a URL are refused and not repeated', () => {
  expect(() => parseBucketUrl('http://user:pass-word@host/bucket')).toThrow(
    /^--storage-endpoint: expected no keys in the URL, found some\. (?!.*pass-word)/,
  );
});
