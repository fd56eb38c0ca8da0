import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '../check.ts';
import { clusterChecks } from './index.ts';
import { platformChecks } from './platform.ts';

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' && value !== null && 'proves' in value && 'scope' in value;

const files = (await readdir(import.meta.dirname)).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);
const written = await Promise.all(
  files.map(async (file) => {
    const exports = (await import(join(import.meta.dirname, file))) as Readonly<
      Record<string, unknown>
    >;
    return Object.values(exports)
      .filter(isCheck)
      .map((check) => ({ file, check }));
  }),
).then((checks) => checks.flat());

test.each(['cluster', 'platform'] as const)(
  'every check of scope %s that is written is run',
  (scope) => {
    const run: readonly Check[] = scope === 'cluster' ? clusterChecks : platformChecks;
    const ofScope = written.map(({ check }) => check).filter((check) => check.scope === scope);
    expect(run.map(({ name }) => name).sort()).toEqual(ofScope.map(({ name }) => name).sort());
  },
);

test('a check is named as its file, and says what it proves', () => {
  for (const { file, check } of written) {
    expect(file).toBe(`${check.name}.ts`);
    expect(check.title).not.toBe('');
    expect(check.proves).not.toBe('');
  }
});
