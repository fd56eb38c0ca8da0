import { expect, test } from 'vitest';
import { ImageSourceError, imageSource } from './registry.ts';

const answering = (status: number) => () => Promise.resolve(new Response(null, { status }));
const refusing = () => Promise.reject(new TypeError('fetch failed'));

test('a registry that asks for a login can be reached', async () => {
  expect(await imageSource({}, answering(401))).toBe('official');
});

test('images are built here when nobody answers, or a proxy answers in place of the registry', async () => {
  expect(await imageSource({}, refusing)).toBe('stand-in');
  expect(await imageSource({}, answering(403))).toBe('stand-in');
});

test('the setting decides without asking', async () => {
  expect(await imageSource({ PROVEHOUSE_IMAGES: 'official' }, refusing)).toBe('official');
  expect(await imageSource({ PROVEHOUSE_IMAGES: 'stand-in' }, answering(200))).toBe('stand-in');
});

test('another setting is refused by name and value', async () => {
  await expect(imageSource({ PROVEHOUSE_IMAGES: 'mine' }, refusing)).rejects.toThrow(
    new ImageSourceError('PROVEHOUSE_IMAGES: expected auto, official or stand-in, found "mine".'),
  );
});
