import { expect, test } from 'vitest';
import type { LocalTable } from '../contract/contract.ts';
import { UnknownParameterError } from '../contract/parameters.ts';
import { planRule, ruleSchema, ruleSubject } from './index.ts';
import type { RuleScope } from './rule.ts';

const columns = { price: 'Decimal(10, 2)', tags: 'Array(String)', name: 'String' };
const table: LocalTable = { kind: 'local', name: 't', columns, exactColumns: true, rules: [] };
const scope = (parameters: RuleScope['parameters'] = {}): RuleScope => ({
  ...{ table, parameters, functions: new Set<string>(), whole: (name) => `whole(${name})` },
});
const plan = (rule: unknown, parameters: RuleScope['parameters'] = {}) =>
  planRule(ruleSchema.parse(rule), scope(parameters));

test('a set is a list of quoted values', () => {
  const values = ["it's", 'back\\slash', 5, true, 9007199254740993n];
  expect(plan({ rule: 'set', column: 'kind', values })).toMatchObject({
    expected: "one of it's, back\\slash, 5, true, 9007199254740993",
    condition: "`kind` IN ('it\\'s', 'back\\\\slash', 5, true, 9007199254740993)",
  });
});

test('the bounds of a range belong to it, may be parameters, and are as exact as the column', () => {
  const rule = { rule: 'range', column: 'price', min: 10, max: '$most' };
  expect(plan(rule, { most: 99.5 })).toMatchObject({
    expected: 'from 10 to 99.5',
    condition: "`price` >= 10 AND `price` <= toDecimal128('99.5', 1)",
  });
  expect(plan({ ...rule, column: 'weight' }, { most: 99.5 })).toMatchObject({
    condition: '`weight` >= 10 AND `weight` <= 99.5',
  });
});

test('bounds that are texts are in the order of their column', () => {
  expect(plan({ rule: 'range', column: 'name', min: '10', max: '9' })).toMatchObject({
    condition: "`name` >= '10' AND `name` <= '9'",
  });
});

test('a number that a parameter gives as text is a number to an aggregate', () => {
  const rule = { rule: 'aggregate', function: 'distinct', column: 'name', max: '$most' };
  expect(plan(rule, { most: '5' })).toMatchObject({
    facts: ['uniqExact(`name`)', 'count(`name`)', '0', 'uniqExact(`name`) > 5'],
  });
});

test('a period ends with the start of its day in UTC', () => {
  const rule = { rule: 'period', column: 'at', days: 7, until: '$as_of' };
  expect(plan(rule, { as_of: '2026-06-15' })).toMatchObject({
    condition:
      "`at` >= toDateTime('2026-06-15 00:00:00', 'UTC') - toIntervalDay(7) AND `at` <= toDateTime('2026-06-15 00:00:00', 'UTC')",
  });
});

test('a length counts characters of texts and elements of arrays', () => {
  expect(plan({ rule: 'length', column: 'name', min: 1 })).toMatchObject({
    ...{ expected: 'at least 1 characters', condition: 'lengthUTF8(`name`) >= 1' },
  });
  expect(plan({ rule: 'length', column: 'tags', max: 3 })).toMatchObject({
    ...{ expected: 'at most 3 elements', condition: 'length(`tags`) <= 3' },
  });
});

test('a rule without window functions is skipped on servers that have none', () => {
  expect(plan({ rule: 'monotonic', column: 'id', by: 'at' })).toMatchObject({
    ...{ on: 'nothing', reason: 'The server has no window functions.' },
  });
});

test('a parameter that is not known is an error that names it', () => {
  const rule = { rule: 'period', column: 'at', days: 7, until: '$as_of' };
  expect(() => plan(rule)).toThrow(UnknownParameterError);
  expect(() => plan(rule)).toThrow(/as_of is not known/);
});

test.each([
  [{ rule: 'range', column: 'price', min: 1 }, 't.price, range'],
  [{ rule: 'unique', columns: ['a', 'b'] }, 't.a + b, unique'],
  [{ rule: 'rowCount', min: 1 }, 't, rowCount'],
  [{ rule: 'sql', query: 'SELECT 1', title: 'all is well' }, 't, all is well'],
])('%j is about %s', (rule, subject) => {
  expect(ruleSubject('t', ruleSchema.parse(rule))).toBe(subject);
});

test.each([
  [{ rule: 'sequence', column: 'id', from: 1.5, to: 3 }, 'expected a whole number'],
  [{ rule: 'sequence', column: 'id', from: 5, to: 3 }, '5 is above to, 3'],
  [{ rule: 'range', column: 'a' }, 'expected min, max, or both'],
  [{ rule: 'range', column: 'a', min: 10, max: 1 }, '10 is above max, 1'],
  [{ rule: 'range', column: 'a', min: '10', max: 9 }, '10 is above max, 9'],
  [{ rule: 'sequence', column: 'a', from: '10', to: '9' }, '10 is above to, 9'],
  [{ rule: 'range', column: 'a', min: '2026-02-01', max: '2026-01-01' }, 'is above max'],
  [{ rule: 'regex', column: 'a', pattern: '(?=x)' }, 'RE2 does not take'],
  [{ rule: 'regex', column: 'a', pattern: String.raw`(a)\1` }, 'RE2 does not take'],
  [{ rule: 'freshness', column: 'a', within: '2h' }, 'such as 90 minutes'],
  [{ rule: 'aggregate', function: 'quantile', column: 'a', min: 1 }, 'needs its level'],
  [{ rule: 'aggregate', function: 'sum', level: 0.5, column: 'a', min: 1 }, 'has no level'],
  [{ rule: 'sql', query: 'DROP TABLE t' }, 'expected a SELECT'],
  [{ rule: 'sql', query: 'SELECT 1;' }, 'no semicolon'],
  [{ rule: 'sql', query: 'SELECT 1', where: 'x' }, 'Unrecognized key'],
  [{ rule: 'notNull', column: 'a', fail: '5 rows' }, 'a percentage such as 0.5%'],
])('%j is refused', (rule, message) => {
  const { error } = ruleSchema.safeParse(rule);
  expect(JSON.stringify(error?.issues)).toContain(message);
});
