import { expect, test } from 'vitest';
import { storageKeysOf } from './storage-keys.ts';

const ACCESS = 'PROVEHOUSE_STORAGE_ACCESS_KEY';
const SECRET = 'PROVEHOUSE_STORAGE_SECRET_KEY';

test('keys of a bucket come from the environment, both or none', () => {
  expect(storageKeysOf({})).toEqual({});
  expect(storageKeysOf({ [ACCESS]: '', [SECRET]: '' })).toEqual({});
  expect(storageKeysOf({ [ACCESS]: 'key', [SECRET]: 'secret' })).toEqual({
    storageKeys: { accessKey: 'key', secretKey: 'secret' },
  });
});

test('one without the other is refused, and not repeated', () => {
  expect(() => storageKeysOf({ [ACCESS]: 'mine' })).toThrow(/found the access key alone\.$/);
  expect(() => storageKeysOf({ [SECRET]: 'never said' })).toThrow(/found the secret key alone\.$/);
});
