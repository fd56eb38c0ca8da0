import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { defaultHome, givenPath, secretsFile } from './location.ts';

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

it('counts a relative path from where the command was given, also when Nx runs it in the workspace', () => {
  const nx = { NX_TASK_TARGET_PROJECT: 'verify', NX_WORKSPACE_ROOT: '/workspace' };
  expect(givenPath('./x.json', {}, '/here')).toBe('/here/x.json');
  expect(givenPath('/x.json', { ...nx, INIT_CWD: '/there' }, '/workspace')).toBe('/x.json');
  expect(givenPath('./x.json', { ...nx, INIT_CWD: '/there' }, '/workspace')).toBe('/there/x.json');
  expect(givenPath('./x.json', nx, '/workspace')).toBe('/workspace/x.json');
  // A program that a task has started in a folder of its own counts from there.
  expect(givenPath('./x.json', { ...nx, INIT_CWD: '/there' }, '/own')).toBe('/own/x.json');
  expect(givenPath('./x.json', { INIT_CWD: '/there' }, '/here')).toBe('/here/x.json');
});
