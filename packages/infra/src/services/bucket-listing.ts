import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { ListedObject } from './bucket.ts';

/** What is in a bucket, or in a page of its list. */
export interface Listing {
  readonly objects: ListedObject[];
  readonly folders: string[];
}

/** A key is text, also where it looks like a number. */
const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === 'Contents' || name === 'CommonPrefixes',
});

const schema = z.object({
  ListBucketResult: z.object({
    Contents: z.array(z.object({ Key: z.string(), Size: z.coerce.number() })).default([]),
    CommonPrefixes: z.array(z.object({ Prefix: z.string() })).default([]),
    NextContinuationToken: z.string().optional(),
    IsTruncated: z.stringbool().default(false),
  }),
});

/**
 * A page of a list, and the token of the next one if there is one.
 * @throws ZodError for a text that is no list
 */
export function parseListing(text: string): Listing & { readonly next: string | undefined } {
  const { ListBucketResult: page } = schema.parse(parser.parse(text));
  return {
    objects: page.Contents.map(({ Key: key, Size: size }) => ({ key, size })),
    folders: page.CommonPrefixes.map(({ Prefix: folder }) => folder),
    next: page.IsTruncated ? page.NextContinuationToken : undefined,
  };
}
