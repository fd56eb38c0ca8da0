import { expect, test } from 'vitest';
import { UnknownParameterError } from '../contract/parameters.ts';
import { rowRule } from './row-rule.ts';

test('a set is a list of quoted values', () => {
  const rule = { rule: 'set', column: 'kind', values: ["it's", 'back\\slash', 5] } as const;
  expect(rowRule({ ...rule, values: [...rule.values] }, {})).toMatchObject({
    column: 'kind',
    condition: "`kind` IN ('it\\'s', 'back\\\\slash', 5)",
  });
});

test('the bounds of a range belong to it and may be parameters', () => {
  const rule = { rule: 'range', column: 'price', min: 10, max: '$most' } as const;
  expect(rowRule(rule, { most: 99.5 })).toMatchObject({
    expected: 'from 10 to 99.5',
    condition: '`price` >= 10 AND `price` <= 99.5',
  });
});

test('a period ends with the start of its day in UTC', () => {
  const rule = { rule: 'period', column: 'at', days: 7, until: '$as_of' } as const;
  expect(rowRule(rule, { as_of: '2026-06-15' }).condition).toBe(
    "`at` >= toDateTime('2026-06-15 00:00:00', 'UTC') - toIntervalDay(7) AND `at` <= toDateTime('2026-06-15 00:00:00', 'UTC')",
  );
});

test('a parameter that is not known is an error that names it', () => {
  const rule = { rule: 'period', column: 'at', days: 7, until: '$as_of' } as const;
  expect(() => rowRule(rule, {})).toThrow(UnknownParameterError);
  expect(() => rowRule(rule, {})).toThrow(/as_of is not known/);
});
