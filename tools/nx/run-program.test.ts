import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import runProgram from './run-program.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'provehouse-executor-'));
  const folder = join(root, 'packages/verify/src');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'cli.ts'),
    `import { writeFileSync } from 'node:fs';
     const { FORCE_COLOR } = process.env;
     writeFileSync('said.json', JSON.stringify({ FORCE_COLOR, words: process.argv.slice(2) }));`,
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const said = async () => JSON.parse(await readFile(join(root, 'said.json'), 'utf8')) as unknown;

test('a command gets its name and words, and not the colours that Nx asks for everywhere', async () => {
  vi.stubEnv('FORCE_COLOR', 'true');
  const outcome = await runProgram(
    { __unparsed__: ['--name', '01'] },
    { root, projectName: 'verify', targetName: 'e2e' },
  );
  expect(outcome).toEqual({ success: true });
  expect(await said()).toEqual({ words: ['e2e', '--name', '01'] });
});

test('colours that the user asks for stay', async () => {
  vi.stubEnv('FORCE_COLOR', '1');
  await runProgram({}, { root, projectName: 'verify', targetName: 'cluster' });
  expect(await said()).toEqual({ FORCE_COLOR: '1', words: ['cluster'] });
});

test('what prepares for a command is run before it with the same words, and stops it when it fails', async () => {
  await writeFile(
    join(root, 'prepare.ts'),
    `import { writeFileSync } from 'node:fs';
     writeFileSync('prepared.json', JSON.stringify(process.argv.slice(2)));
     if (process.argv.includes('--fail')) process.exitCode = 2;`,
  );
  const place = { root, projectName: 'verify', targetName: 'e2e' };
  const given = { prepare: 'prepare.ts', __unparsed__: ['--name', '01'] };
  expect(await runProgram(given, place)).toEqual({ success: true });
  expect(JSON.parse(await readFile(join(root, 'prepared.json'), 'utf8'))).toEqual(['--name', '01']);
  expect(await said()).toEqual({ words: ['e2e', '--name', '01'] });
  await rm(join(root, 'said.json'));
  const failing = { ...given, __unparsed__: ['--fail'] };
  expect(await runProgram(failing, place)).toEqual({ success: false });
  await expect(said()).rejects.toThrow('ENOENT');
});
