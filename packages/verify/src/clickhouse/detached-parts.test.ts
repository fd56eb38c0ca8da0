import { expect, test } from 'vitest';
import { whereaboutsOf, type ActivePart, type DetachedPart } from './detached-parts.ts';

const detached = (reason: string | null, min: number | null, max = min): DetachedPart => ({
  ...{ name: `${reason}_202602_${min}_${max}_0`, reason, partition_id: '202602' },
  ...{ min_block_number: min, max_block_number: max },
});
const active = (min: number, max: number, partition_id = '202602'): ActivePart => ({
  ...{ name: `${partition_id}_${min}_${max}_1`, partition_id, rows: 5 },
  ...{ min_block_number: min, max_block_number: max },
});
const holders = new Map([
  ['one', [active(0, 4), active(5, 9, '202601')]],
  ['two', [active(6, 8)]],
]);

test.each([
  ['ignored', 2, { kind: 'elsewhere', holder: '202602_0_4_1 on one' }],
  ['broken', 7, { kind: 'elsewhere', holder: '202602_6_8_1 on two' }],
  ['clone', 9, { kind: 'only copy' }],
  ['broken', null, { kind: 'only copy' }],
  ['deleting', 9, { kind: 'elsewhere', holder: 'a DROP that was given for it' }],
  ['', 2, { kind: 'by statement' }],
  [null, 2, { kind: 'by statement' }],
])('%s with block %s', (reason, block, expected) => {
  expect(whereaboutsOf(detached(reason, block), holders)).toEqual(expected);
});

test('a part that is half in another one is nowhere else', () => {
  expect(whereaboutsOf(detached('ignored', 3, 6), holders)).toEqual({ kind: 'only copy' });
});
