import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { runOf, verdictOf } from '../test/verified-run.ts';
import { byPipeline, keyOf } from './by-pipeline.ts';
import { renderRun } from './commands/run-text.ts';
import { htmlOf } from './output/html.ts';
import { junitOf } from './output/junit.ts';
import { markdownOf } from './output/markdown.ts';
import { prometheusOf } from './output/prometheus.ts';
import { verifiedRunSchema } from './run-schema.ts';
import type { Status } from './verdict.ts';
import { jsonOf, type VerifiedRun } from './verified-run.ts';

const plain = (_: Status, text: string): string => text;
const of = (pipeline: string, status: Status) => ({
  ...verdictOf('macros', status, `of ${pipeline}`),
  ...{ pipeline, title: `${pipeline}: Title of macros` },
});
const reason = 'Expected a platform with kafka, found one without.';
const run: VerifiedRun = {
  ...runOf([of('orders', 'passed'), of('returns', 'failed')]),
  pipelines: [
    { pipeline: 'events', status: 'skipped', durationMs: 0, reason },
    { pipeline: 'orders', status: 'passed', durationMs: 5, runId: 'manual__1' },
    { pipeline: 'returns', status: 'failed', durationMs: 5, runId: 'manual__2' },
  ],
};

test('a check of two pipelines is two verdicts', () => {
  expect(run.verdicts.map(keyOf)).toEqual(['macros of orders', 'macros of returns']);
  expect(byPipeline(run.verdicts).map(({ pipeline }) => pipeline)).toEqual(['orders', 'returns']);
  expect(byPipeline([verdictOf('macros', 'passed')])).toEqual([
    { verdicts: [verdictOf('macros', 'passed')] },
  ]);
});

test('people see the verdicts of each pipeline, and why one was skipped', () => {
  const text = renderRun(run, plain);
  expect(text).toMatch(/^orders\n✓ Title of macros .*\n\n1 passed, 0 failed\n\nreturns\n✗ Title/);
  expect(text).toContain(`skipped  events: ${reason}\npassed  orders\nfailed  returns\n`);
  expect(text).toMatch(/\n\n1 passed, 1 failed$/);
});

test('every output keeps them apart', () => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' });
  const { testsuite } = parser.parse(junitOf(run)).testsuites;
  expect(testsuite).toMatchObject([
    { name: 'dwh: orders', tests: '1', failures: '0' },
    { name: 'dwh: returns', tests: '1', failures: '1' },
  ]);
  expect(markdownOf(run)).toContain(`## orders: ClickHouse\n`);
  expect(markdownOf(run)).toContain(`## events: skipped\n\n${reason}\n`);
  expect(htmlOf(run)).toMatch(/<h2>orders<\/h2>[\s\S]*<h2>returns<\/h2>[\s\S]*<h2>events<\/h2>/);
  const samples = prometheusOf(run).split('\n');
  expect(new Set(samples).size).toBe(samples.length);
  expect(samples).toContain(
    'provehouse_check_status{deployment="dwh",check="macros",pipeline="returns",status="failed"} 1',
  );
});

test('it is read again as it was written', () => {
  expect(verifiedRunSchema.parse(JSON.parse(jsonOf(run)))).toEqual(run);
});
