import { expect, test } from 'vitest';
import type { Finding } from '../verdict.ts';
import { grouped, inParts, judgeSlices, namesOf, type Sampling } from './slices.ts';

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

test('a large partition is judged in parts of its key, as many as the sample allows', async () => {
  const [slice] = grouped([{ id: 'p0', name: 'm0', rows: 25 }], 10);
  if (slice === undefined) throw new RangeError('there is one slice');
  const parts = inParts(slice, 'id, toDate(at)', 10);
  expect(parts.map(({ where }) => where)).toEqual(
    [0, 1, 2].map(
      (index) => `_partition_id IN ('p0') AND ifNull(cityHash64(id, toDate(at)), 0) % 3 = ${index}`,
    ),
  );
  expect(parts.flatMap(namesOf)).toEqual(
    [1, 2, 3].map((number) => `partition m0, part ${number} of 3`),
  );
  const judged = judgeSlices(parts, sampling({ rows: 5 }), {}, async () => [passed]);
  expect((await judged)[1]?.reason).toBe(
    'Left out by --sample 5: about 16 of 24 rows, in 2 further parts (partition m0, part 2 of 3; partition m0, part 3 of 3).',
  );
});

test('a partition without a key is judged at once', () => {
  const slices = grouped([{ id: 'all', name: 'tuple()', rows: 25 }], 10);
  expect(slices.flatMap((slice) => inParts(slice, undefined, 10))).toEqual(slices);
});
