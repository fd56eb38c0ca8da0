import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readHelpSchema, renderHelpSchema, TARGETS } from './help.ts';

const WORKSPACE = join(import.meta.dirname, '../..');
const run = (...words: string[]) =>
  promisify(execFile)('npx', ['nx', 'run', ...words], { cwd: WORKSPACE });

test.each(TARGETS)(
  'what Nx shows of %s is what the command says (node tools/nx/write-help.ts)',
  async (target) => {
    expect(await readHelpSchema(target)).toBe(await renderHelpSchema(target));
  },
);

test('Nx shows the help of a command, and gives it its words as they are', async () => {
  const { stdout } = await run('verify:cluster', '--help');
  expect(stdout).toContain('--parameter <name=value>');
  const wrong = run(
    'verify:cluster',
    '--name',
    '01',
    '--parameter',
    'as of=2026 06',
    '--rows',
    'x',
  );
  await expect(wrong).rejects.toMatchObject({ stdout: expect.stringContaining('as of=2026 06') });
});
