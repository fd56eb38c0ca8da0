import { expect, test } from 'vitest';
import { readChecksPage, renderChecksPage } from './checks-page.ts';

test('the page about the checks says what the checks and their tests say', async () => {
  expect(await readChecksPage()).toBe(await renderChecksPage());
});

test('every check has tests on a real platform', async () => {
  const sections = (await renderChecksPage()).split(/^### /m).slice(1);
  for (const section of sections) {
    const tests = section.split('Shown by tests:')[1]?.trim().split('\n') ?? [];
    expect(tests.length, section).toBeGreaterThanOrEqual(2);
  }
});
