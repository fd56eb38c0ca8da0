import { expect, test } from 'vitest';
import { drills } from './index.ts';

test('every drill has a name of its own, in kebab-case', () => {
  const names = drills.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test('a known fault is reported with what keeps rows from it', () => {
  for (const drill of drills) {
    if (drill.workload !== 'writes' || drill.knownLoss === undefined) continue;
    const { fault, protection } = drill.knownLoss;
    for (const text of [fault, protection]) expect(text, drill.name).toMatch(/\.$/);
  }
});

test.each(drills.map((drill) => [drill.name, drill] as const))(
  '%s says what it proves and what it does not, and has a time to recover in',
  (_, { title, proves, doesNotProve, recoverySeconds }) => {
    expect(title).not.toMatch(/\.$/);
    for (const text of [proves, doesNotProve]) expect(text).toMatch(/^[A-Z].*\.$/);
    expect(recoverySeconds).toBeGreaterThan(0);
  },
);
