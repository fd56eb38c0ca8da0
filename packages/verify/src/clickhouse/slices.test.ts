import { expect, test } from 'vitest';
import type { Finding } from '../verdict.ts';
import { grouped, judgeSlices, namesOf, type Sampling } from './slices.ts';

const partitions = [5, 1, 2, 9].map((rows, index) => ({
  id: `p${index}`,
  name: `m${index}`,
  rows,
}));
const passed: Finding = { status: 'passed', expected: 'the same', observed: 'the same' };
const sampling = (some: Partial<Sampling>): Sampling => ({
  ...{ rows: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY, said: '--sample 5' },
  ...some,
});

test('a table is cut between partitions, and a small one not at all', () => {
  const slices = grouped(partitions, 5);
  expect(slices.map(namesOf)).toEqual([
    ['partition m0'],
    ['partitions m2 to m1'],
    ['partition m3'],
  ]);
  expect(slices[1]?.where).toBe("_partition_id IN ('p1', 'p2')");
  expect(grouped(partitions, 17).map(namesOf)).toEqual([[]]);
});

test('what is beyond the rows is left out, and said', async () => {
  const judged: string[] = [];
  const findings = await judgeSlices(
    grouped(partitions, 5),
    sampling({ rows: 5 }),
    { subject: 'orders' },
    async (slice) => {
      judged.push(...namesOf(slice));
      return [passed];
    },
  );
  expect(judged).toEqual(['partition m0']);
  expect(findings).toEqual([
    passed,
    expect.objectContaining({
      ...{ status: 'skipped', subject: 'orders' },
      reason: 'Left out by --sample 5: 12 of 17 rows, in 3 older partitions (m1, m2, m3).',
    }),
  ]);
});

test('when the time is over nothing more is begun, and of what was not begun nothing is passed', async () => {
  const over = sampling({ until: 0, said: '--budget 60 s' });
  const findings = await judgeSlices(grouped([], 5), over, { subject: 'orders' }, async () => [
    passed,
  ]);
  expect(findings).toMatchObject([
    { status: 'skipped', reason: 'Left out by --budget 60 s: the whole table.' },
  ]);
  const all = await judgeSlices(grouped(partitions, 5), undefined, {}, async () => [passed]);
  expect(all).toEqual([passed, passed, passed]);
});
