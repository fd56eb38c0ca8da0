import { expect, test } from 'vitest';
import { ImageSourceError, imageSource } from './registry.ts';

const reached = () => Promise.resolve(true);
const notReached = () => Promise.resolve(false);
const notAsked = () => Promise.reject(new Error('must not be asked'));

test('images are official where the engine gets one, and built here where it does not', async () => {
  expect(await imageSource({ environment: {}, canPull: reached })).toBe('official');
  expect(await imageSource({ environment: {}, canPull: notReached })).toBe('stand-in');
});

test.each(['official', 'stand-in'] as const)(
  'a platform that was made with %s images keeps them, whoever answers today',
  async (remembered) => {
    expect(await imageSource({ environment: {}, remembered, canPull: notAsked })).toBe(remembered);
  },
);

test('the setting decides without asking', async () => {
  for (const setting of ['official', 'stand-in']) {
    const environment = { PROVEHOUSE_IMAGES: setting };
    expect(await imageSource({ environment, canPull: notAsked })).toBe(setting);
  }
});

test('another setting is refused by name and value', async () => {
  const environment = { PROVEHOUSE_IMAGES: 'mine' };
  await expect(imageSource({ environment, canPull: reached })).rejects.toThrow(
    new ImageSourceError('PROVEHOUSE_IMAGES: expected auto, official or stand-in, found "mine".'),
  );
});
