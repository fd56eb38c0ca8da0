import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import type { Verdict } from '../verdict.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import type { VerifiedRun } from './outputs.ts';
import { prometheusOf } from './prometheus.ts';

const verdict = (check: string, status: Verdict['status'], observed: string): Verdict => ({
  ...{ check, status, title: `Title of ${check}`, durationMs: 1500 },
  findings: [
    { status: 'passed', expected: 'nothing', observed: 'nothing' },
    {
      ...{ status, node: 'ch-01', subject: 'orders', expected: 'a < b & c', observed },
      ...{ reason: 'Look.', sql: ['SELECT 1'] },
    },
  ],
});
const run: VerifiedRun = {
  ...{ deployment: 'dwh', status: 'failed', durationMs: 2500 },
  nodes: [
    { name: 'ch-01', shard: '01', replica: '01' },
    { name: 'ch-<2>', shard: '02', replica: '01' },
  ],
  verdicts: [
    ...[verdict('a', 'passed', 'it is'), verdict('b', 'failed', 'a | b <> "c"')],
    ...[verdict('c', 'inconclusive', 'no answer'), verdict('d', 'skipped', 'none')],
    verdict('e', 'warned', 'uneven'),
  ],
};

test('JUnit has a test case for each check, and what shows a fault', () => {
  const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(
    junitOf(run),
  );
  const suite = parsed.testsuites.testsuite;
  expect(suite).toMatchObject({
    name: 'dwh',
    tests: '5',
    failures: '1',
    errors: '1',
    skipped: '1',
  });
  const [a, b, c, d, e] = suite.testcase;
  expect(a).toEqual({ name: 'Title of a', classname: 'a', time: '1.500' });
  expect(b.failure.message).toBe('a | b <> "c"');
  expect(b.failure['#text']).toContain('orders, ch-01\nexpected: a < b & c');
  expect(b.failure['#text']).toContain('SQL: SELECT 1');
  expect(c.error.message).toBe('no answer');
  expect(d.skipped.message).toBe('Look.');
  expect(e['system-out']).toContain('uneven');
});

test('Markdown has what is wrong first, and a table of all', () => {
  const text = markdownOf(run);
  expect(text).toMatch(/^# dwh: failed\n\n1 passed, 1 skipped, 1 warned, 1 inconclusive, 1 failed/);
  expect(text).toContain('## failed: Title of b');
  expect(text).not.toContain('## passed');
  expect(text).toContain('| failed | Title of b (`b`) | a \\| b <> "c" |');
});

test('Prometheus gets one status for each check, and when the run was', () => {
  const text = prometheusOf(run, new Date(1_700_000_000_000));
  expect(text).toContain('provehouse_check_status{deployment="dwh",check="b",status="failed"} 1\n');
  expect(text).toContain('provehouse_check_status{deployment="dwh",check="b",status="passed"} 0\n');
  expect(text).toContain('provehouse_check_duration_seconds{deployment="dwh",check="a"} 1.5\n');
  expect(text).toContain('provehouse_run_timestamp_seconds{deployment="dwh"} 1700000000\n');
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^#|^\w+\{.*\} [\d.]+$/);
});

test('the page has the nodes with the worst that was found on each, and what is wrong before the rest', () => {
  const page = htmlOf(run, new Date('2026-11-29T10:00:00Z'));
  expect(page).toContain('<title>dwh: failed</title>');
  expect(page).toContain('<td class="failed"><b>ch-01</b>');
  expect(page).toContain('<td class="passed"><b>ch-&lt;2&gt;</b>');
  const places = ['What is wrong', 'Title of b', 'Title of c', 'Title of e', 'Everything else'];
  const found = [...places, 'Title of a'].map((text) => page.indexOf(text));
  expect(found).toEqual(found.toSorted((left, right) => left - right));
  expect(found[0]).toBeGreaterThan(0);
  expect(page).toContain('a | b &lt;&gt; &quot;c&quot;');
  expect(page).not.toContain('<script');
});
