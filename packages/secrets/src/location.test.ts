import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { defaultHome, secretsFile } from './location.ts';

it('puts the secrets into the folder of the platform', () => {
  expect(secretsFile('/home', 'local')).toBe('/home/local/secrets.env');
});

it.each(['', '..', 'a/b', '../x', 'Upper', '-x', 'a'.repeat(33)])(
  'refuses the name "%s"',
  (name) => {
    expect(() => secretsFile('/home', name)).toThrow('1 to 32 lower-case letters');
  },
);

it('has its home in the workspace unless PROVEHOUSE_HOME says otherwise', () => {
  const inWorkspace = resolve(import.meta.dirname, '../../../.provehouse');
  expect(defaultHome({})).toBe(inWorkspace);
  expect(defaultHome({ PROVEHOUSE_HOME: '' })).toBe(inWorkspace);
  expect(defaultHome({ PROVEHOUSE_HOME: '/elsewhere' })).toBe('/elsewhere');
  expect(defaultHome({ PROVEHOUSE_HOME: 'here' })).toBe(resolve('here'));
});
