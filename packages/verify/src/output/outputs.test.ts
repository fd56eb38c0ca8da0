import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { runOf, verdictOf } from '../../test/verified-run.ts';
import { ROWS_BY_NODE } from '../rows-by-node.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import { prometheusOf } from './prometheus.ts';

const rows = {
  title: ROWS_BY_NODE,
  columns: ['table', 'shard', 'replica', 'node', 'rows'],
  rows: [
    ['shop.orders', '01', '01', 'ch-01', 1200],
    ['shop.orders', '01', '02', 'ch-<2>', 1199],
  ],
};
const counted = verdictOf('shard-rows', 'failed', 'a | b <> "c"');
const run = runOf([
  verdictOf('macros', 'passed', 'it is'),
  { ...counted, findings: counted.findings.map((one) => ({ ...one, evidence: [rows, rows] })) },
  ...[verdictOf('accounts', 'inconclusive', 'no answer'), verdictOf('ttl', 'skipped', 'none')],
  verdictOf('run-outcome', 'warned', 'uneven'),
]);

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
  const [passed, failed, inconclusive, skipped, warned] = suite.testcase;
  expect(passed).toEqual({ name: 'Title of macros', classname: 'macros', time: '1.500' });
  expect(failed.failure.message).toBe('a | b <> "c"');
  expect(failed.failure['#text']).toContain('orders, ch-01\nexpected: a < b & c');
  expect(failed.failure['#text']).toContain('SQL: SELECT 1');
  expect(inconclusive.error.message).toBe('no answer');
  expect(skipped.skipped.message).toBe('Look.');
  expect(warned['system-out']).toContain('uneven');
});

test('Markdown has what is wrong first, and a table of all by area', () => {
  const text = markdownOf(run);
  expect(text).toMatch(/^# dwh: failed\n\n1 passed, 1 skipped, 1 warned, 1 inconclusive, 1 failed/);
  const found = ['## failed: Title of shard-rows', '## ClickHouse', '## Airflow', '## Security'];
  const places = found.map((heading) => text.indexOf(heading));
  expect(places).toEqual(places.toSorted((left, right) => left - right));
  expect(places[0]).toBeGreaterThan(0);
  expect(text).not.toContain('## passed');
  expect(text).toContain('| failed | Title of shard-rows (`shard-rows`) | a \\| b \\<> "c" |');
});

test('what a server says is no markup of the Markdown', () => {
  const text = markdownOf(runOf([verdictOf('macros', 'failed', 'a ``` b\n```\n# heading')]));
  expect(text).toContain('````\norders, ch-01\n');
  expect(text).toContain('# heading\nreason: Look.\nSQL: SELECT 1\n````\n');
});

test('Prometheus gets one status for each check, the rows of each node once, and when the run was', () => {
  const text = prometheusOf(run);
  const about = 'deployment="dwh",check="shard-rows"';
  expect(text).toContain(`provehouse_check_status{${about},status="failed"} 1\n`);
  expect(text).toContain(`provehouse_check_status{${about},status="passed"} 0\n`);
  expect(text).toContain(`provehouse_check_duration_seconds{${about}} 1.5\n`);
  expect(text.match(/^provehouse_table_rows\{.*$/gm)).toEqual([
    'provehouse_table_rows{deployment="dwh",table="shop.orders",shard="01",replica="01",node="ch-01"} 1200',
    'provehouse_table_rows{deployment="dwh",table="shop.orders",shard="01",replica="02",node="ch-<2>"} 1199',
  ]);
  expect(text).toContain('provehouse_run_status{deployment="dwh",status="failed"} 1\n');
  expect(text).toContain('provehouse_run_timestamp_seconds{deployment="dwh"} 1767225600\n');
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^#|^\w+\{.*\} [\d.]+$/);
});

test('the page says the verdict, then the state of each node, the rows, what is wrong, and all checks', () => {
  const page = htmlOf(run);
  expect(page).toContain('<title>dwh: failed</title>');
  const order = [
    ...['1 check failed. 1 check could not run', '<b>ClickHouse</b>', '<h2>Nodes</h2>'],
    ...['<div class="node failed"><b>ch-01</b>', 'failed: Title of shard-rows'],
    ...['<b>ch-&lt;2&gt;</b>', 'not judged by itself', '<td class="failed">1,200</td>'],
    ...['What is wrong', '<h3>Title of shard-rows', '<h3>Title of accounts'],
    ...['<h3>Title of run-outcome', 'What was not judged', '<li>Title of ttl</li>'],
    ...['All checks', 'Title of macros', 'What was verified', '26.7'],
  ];
  const places = order.map((text) => page.indexOf(text));
  expect(places).toEqual(places.toSorted((left, right) => left - right));
  expect(places[0]).toBeGreaterThan(0);
  expect(page).toContain('a | b &lt;&gt; &quot;c&quot;');
  expect(page).not.toContain('<script');
});

test('a page on nothing that is wrong says so, and one on nothing at all claims nothing', () => {
  const sound = htmlOf(runOf([verdictOf('macros', 'passed'), verdictOf('ttl', 'skipped')]));
  expect(sound).toContain('Everything that was judged is as it must be.');
  expect(sound).not.toContain('What is wrong');
  expect(htmlOf(runOf([verdictOf('ttl', 'skipped')]))).toContain('Nothing was judged.');
});
