import { expect, test } from 'vitest';
import { stateFolder } from './state-folder.ts';

test('platforms of different names and homes share nothing', () => {
  const folders = [stateFolder('/a', 'one'), stateFolder('/a', 'two'), stateFolder('/b', 'one')];
  expect(new Set(folders.map(({ root }) => root)).size).toBe(3);
  expect(new Set(folders.map(({ socketFolder }) => socketFolder)).size).toBe(3);
});

test('the control socket has a short path however deep the home is', () => {
  const { socketFolder } = stateFolder(`/${'deep/'.repeat(50)}`, 'local');
  expect(`${socketFolder}/supervisor.sock`.length).toBeLessThan(108);
});

test.each(['', 'Local', '../up', 'a/b', '-a', 'a'.repeat(33)])('the name %j is refused', (name) => {
  expect(() => stateFolder('/home', name)).toThrow(/1 to 32 lower-case letters/);
});
