import { AwsClient } from 'aws4fetch';
import type { BucketAccess } from '../src/services/bucket.ts';

/** Uploads an object in parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export async function writeInParts(
  { endpoint, bucket, region, accessKey, secretKey }: BucketAccess,
  key: string,
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  const client = new AwsClient({
    ...{ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3', retries: 0 },
  });
  const ask = async (method: string, query: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const url = `${endpoint}/${bucket}/${key}?${query}`;
    const response = await client.fetch(url, { method, ...(body !== undefined && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${query}: ${response.status} ${text}`);
    return { text, tag: response.headers.get('etag') ?? '' };
  };
  const { text } = await ask('POST', 'uploads=');
  const id = encodeURIComponent(/<UploadId>(.*)<\/UploadId>/.exec(text)?.[1] ?? '');
  const listed: string[] = [];
  for (const [index, part] of parts.entries()) {
    const { tag } = await ask('PUT', `partNumber=${index + 1}&uploadId=${id}`, part);
    listed.push(`<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  }
  const whole = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`;
  await ask('POST', `uploadId=${id}`, whole);
}
