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
