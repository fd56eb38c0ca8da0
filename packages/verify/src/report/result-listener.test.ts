import { Stage, type TestResult } from 'allure-js-commons';
import { expect, test } from 'vitest';
import { durationLabel, resultListener } from './result-listener.ts';

const result = (labels: TestResult['labels']): TestResult => ({
  ...{ uuid: '1', name: 'a check', labels, titlePath: ['e2e', 'suite'], stage: Stage.FINISHED },
  ...{ statusDetails: {}, links: [], parameters: [], steps: [], attachments: [] },
  ...{ start: 1000, stop: 1001 },
});

test('a result lasts as long as its check, not as long as the test that waited for it', () => {
  const written = result([durationLabel({ durationMs: 249.6 })]);
  resultListener.beforeTestResultWrite?.(written);
  expect([written.start, written.stop]).toEqual([1000, 1250]);
});

test('a result whose check was never run keeps the duration of its test', () => {
  const written = result([]);
  resultListener.beforeTestResultWrite?.(written);
  expect([written.start, written.stop]).toEqual([1000, 1001]);
});

test('nothing puts a result below a folder or names the machine, and the labels of the check stay', () => {
  const written = result([
    { name: 'parentSuite', value: 'ClickHouse' },
    { name: 'suite', value: 'inner' },
    { name: 'host', value: 'machine' },
    { name: 'feature', value: 'ClickHouse' },
    durationLabel({ durationMs: 1 }),
  ]);
  resultListener.beforeTestResultWrite?.(written);
  expect(written.titlePath).toEqual([]);
  expect(written.labels).toEqual([{ name: 'feature', value: 'ClickHouse' }]);
});
