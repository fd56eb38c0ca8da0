import { expect, test } from 'vitest';
import { parseListing } from './bucket-listing.ts';

const page = (content: string): string =>
  `<?xml version="1.0"?><ListBucketResult><Name>b</Name>${content}</ListBucketResult>`;

test('a page has objects and folders, whatever their keys look like, and the token of the next one', () => {
  const objects =
    '<Contents><Key>a/&lt;b&gt;&amp;c</Key><Size>12</Size></Contents><Contents><Key>007</Key><Size>0</Size></Contents>';
  const more =
    '<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>';
  expect(parseListing(page(objects + more))).toEqual({
    objects: [
      { key: 'a/<b>&c', size: 12 },
      { key: '007', size: 0 },
    ],
    ...{ folders: ['d/'], next: 't' },
  });
});

test('an empty list is one, and another answer is none', () => {
  const empty = { objects: [], folders: [], next: undefined };
  expect(parseListing(page('<IsTruncated>false</IsTruncated>'))).toEqual(empty);
  expect(() => parseListing('<html/>')).toThrow();
});
