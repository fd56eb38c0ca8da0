import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runOf, verdictOf } from '../../test/verified-run.ts';
import { annotationsOf, tellGithubActions } from './github-actions.ts';

const run = runOf([
  ...[verdictOf('macros', 'passed'), verdictOf('spread', 'warned', '60 %, 40 %')],
  verdictOf('ttl', 'skipped'),
  verdictOf('accounts', 'inconclusive'),
  verdictOf('placement', 'failed', 'row\r\n::error::of a server'),
]);

test('each check that is not as it must be has an annotation, the worst first', () => {
  const lines = annotationsOf(run);
  expect(lines).toEqual([
    expect.stringMatching(
      /^::error title=failed%3A Title of placement \(placement\)::orders, ch-01%0A/,
    ),
    expect.stringMatching(/^::error title=inconclusive%3A Title of accounts/),
    expect.stringMatching(/^::warning title=warned%3A Title of spread.*60 %25, 40 %25/),
  ]);
});

test('what a server says gives no command of its own', () => {
  const [first = ''] = annotationsOf(run);
  expect(first).not.toMatch(/[\r\n]/);
  expect(first).toContain('observed: row%0D%0A::error::of a server');
});

test('there are no more annotations than are shown', () => {
  const many = Array.from({ length: 15 }, (_, index) => verdictOf(`c${index}`, 'failed'));
  expect(annotationsOf(runOf(many))).toHaveLength(10);
});

/** What is written to standard error meanwhile. */
async function printedBy(work: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  await work();
  return write.mock.calls.map(([text]) => String(text)).join('');
}

test('in a job the summary is added to what other steps have written, elsewhere nothing is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const summary = join(folder, 'summary.md');
  const job = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  expect(await printedBy(() => tellGithubActions(run, {}))).toBe('');
  await printedBy(() => tellGithubActions(run, job));
  expect(await printedBy(() => tellGithubActions(run, job))).toContain('::error title=');
  expect((await readFile(summary, 'utf8')).match(/^# dwh: failed$/gm)).toHaveLength(2);
});

test('a summary that cannot be written is said, and is no reason to fail', async () => {
  const job = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/nowhere/summary.md' };
  const printed = await printedBy(() => tellGithubActions(runOf([]), job));
  expect(printed).toMatch(/^::warning::The summary of the job was not written: .*ENOENT/m);
});
