import { expect, test } from 'vitest';
import { OFFICIAL_IMAGES, parseImages } from './images.ts';

test('images are chosen by version or by digest, from any registry', () => {
  const digest = `registry.example:5000/postgres@sha256:${'a'.repeat(64)}`;
  expect(parseImages(['redis=valkey/valkey:9.1.2-alpine', `postgres=${digest}`])).toEqual({
    redis: 'valkey/valkey:9.1.2-alpine',
    postgres: digest,
  });
});

test.each([
  ['a name that no image has', 'mysql=mysql:9.4', 'a name out of clickhouse, keeper'],
  ['no reference', 'redis=', 'expected NAME=REFERENCE'],
  ['no version', 'redis=registry.example:5000/valkey/valkey', 'expected a version or a digest'],
  ['latest', 'redis=valkey/valkey:latest', 'expected a version or a digest'],
  ['a digest that is cut off', 'redis=valkey/valkey@sha256:e3b0', 'expected a version or a digest'],
  [
    'no shell',
    'clickhouse=clickhouse/clickhouse-server:26.3-distroless',
    'expected an image with a shell',
  ],
])('%s is refused', (_, word, words) => {
  expect(() => parseImages([word])).toThrow(words);
});

test('the images that are used otherwise could be chosen, too', () => {
  const words = Object.entries(OFFICIAL_IMAGES).map(([name, reference]) => `${name}=${reference}`);
  expect(parseImages(words)).toEqual(OFFICIAL_IMAGES);
});
