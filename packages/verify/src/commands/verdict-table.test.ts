import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding, Verdict } from '../verdict.ts';
import { formatMilliseconds, paintFor, renderCounts, renderVerdicts } from './verdict-table.ts';

afterEach(() => vi.unstubAllEnvs());

const verdict = (status: Verdict['status'], over: Partial<Finding> = {}): Verdict => ({
  check: 'rows',
  title: 'Rows are there',
  status,
  findings: [{ status, expected: '100 rows', observed: '99 rows', ...over }],
  durationMs: 12.4,
});

test('a passed check takes one line: symbol, title, what was observed, duration', () => {
  const [line, ...rest] = renderVerdicts([verdict('passed', { sql: ['SELECT 1'] })]).split('\n');
  expect(line).toMatch(/^✓ Rows are there {2}99 rows +12 ms$/);
  expect(rest).toEqual(['', '1 passed, 0 failed']);
});

test('a failed check tells expected, observed, reason, node and SQL below its line', () => {
  const failed = verdict('failed', {
    node: 'clickhouse-02',
    subject: 'products',
    reason: 'A row is missing.',
    sql: ['SELECT count()\nFROM t'],
  });
  const text = renderVerdicts([failed]);
  expect(text).toContain(
    [
      '    failed: products, clickhouse-02',
      '      expected 100 rows',
      '      observed 99 rows',
      '      reason   A row is missing.',
      '      SQL      SELECT count()',
      '               FROM t',
    ].join('\n'),
  );
});

test('a difference is reported line by line, as far as people read it, and apart from another', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `+line ${index}`);
  const finding = (node: string, difference: string): Finding => ({
    ...{ status: 'failed', node, expected: 'the same', observed: 'another', difference },
  });
  const findings = [finding('n1', lines.join('\n')), finding('n2', '-a\n+b')];
  const text = renderVerdicts([{ ...verdict('failed'), findings }]);
  expect(text).toContain('\n      diff     +line 0\n               +line 1\n');
  expect(text).toContain('\n               … 10 more lines; --json gives them all\n');
  expect(text).toContain('\n      diff     -a\n               +b\n');
});

test('below a failed check the findings that passed are left out', () => {
  const { findings, ...failed } = verdict('failed');
  const good: Finding = { status: 'passed', expected: 'a', observed: 'all is well', node: 'n1' };
  const text = renderVerdicts([{ ...failed, findings: [good, ...findings] }]);
  expect(text).not.toContain('all is well');
});

test('what several nodes say alike is reported once, with their names', () => {
  const { findings, ...failed } = verdict('failed', { subject: 'products' });
  const nodes = ['n1', 'n2'].flatMap((node) => findings.map((finding) => ({ ...finding, node })));
  const text = renderVerdicts([{ ...failed, findings: nodes }]);
  expect(text).toContain('    failed: products, n1, n2\n');
  expect(text.match(/expected 100 rows/g)).toHaveLength(1);
});

test('of many different findings the worst are reported and the rest is counted', () => {
  const { findings, ...failed } = verdict('failed', { observed: 'the worst' });
  const warnings = Array.from({ length: 6 }, (_, index): Finding => ({
    ...{ status: 'warned', expected: 'none', observed: `warning ${index}` },
  }));
  const text = renderVerdicts([{ ...failed, findings: [...warnings, ...findings] }]);
  expect(text).toMatch(/failed\n +expected 100 rows\n +observed the worst[\s\S]*warning 2/);
  expect(text).not.toContain('warning 3');
  expect(text).toContain('    and 3 more; --json gives them all');
});

test('a skipped check says why on its line', () => {
  const text = renderVerdicts([verdict('skipped', { reason: 'no reader' })]);
  expect(text.split('\n')[0]).toMatch(/^– Rows are there {2}no reader +12 ms$/);
});

test('a verdict says on its line which nodes it is not about, because they do not answer', () => {
  const { findings, ...passed } = verdict('passed');
  const silent = ['n2', 'n1'].map((node): Finding => ({
    ...{
      status: 'skipped',
      node,
      expected: 'an answer',
      observed: 'not looked at',
      reason: 'dead',
    },
  }));
  const [line, ...rest] = renderVerdicts([{ ...passed, findings: [...findings, ...silent] }]).split(
    '\n',
  );
  expect(line).toMatch(/^✓ Rows are there {2}99 rows +12 ms, without n1, n2$/);
  expect(rest).toEqual(['', '1 passed, 0 failed']);
});

test('what a verdict is not about for another reason stands below it', () => {
  const { findings, ...passed } = verdict('passed');
  const skipped = ['t1', 't2'].map((subject): Finding => ({
    ...{ status: 'skipped', subject, expected: 'a key', observed: 'none' },
    reason: 'The table is not partitioned.',
  }));
  const text = renderVerdicts([{ ...passed, findings: [...findings, ...skipped] }]);
  expect(text).toContain(' ms\n    not judged: t1, t2: The table is not partitioned.\n');
});

test('a long observation is cut on the line and whole below it', () => {
  const observed = `start ${'x'.repeat(200)} end`;
  const [line, ...rest] = renderVerdicts([verdict('warned', { observed })]).split('\n');
  expect(line).toContain('x…');
  expect(line!.length).toBeLessThan(110);
  expect(rest.join('\n')).toContain(observed);
});

test('every status that occurs is counted, and passed and failed always', () => {
  const verdicts = [verdict('passed'), verdict('skipped'), verdict('inconclusive')];
  expect(renderCounts(verdicts)).toBe('1 passed, 1 skipped, 1 inconclusive, 0 failed');
  expect(renderCounts([])).toBe('0 passed, 0 failed');
});

test('a text is coloured for a terminal only, and NO_COLOR is respected', () => {
  const colours = (stream: NodeJS.WritableStream) => paintFor(stream)('failed', 'bad') !== 'bad';
  const { getColorDepth } = WriteStream.prototype;
  const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
  // Node takes CI into account as well: what is asked here is what a person's terminal shows.
  for (const name of ['CI', 'NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
  expect([colours(terminal), colours(new PassThrough())]).toEqual([true, false]);
  vi.stubEnv('NO_COLOR', '1');
  expect(colours(terminal)).toBe(false);
});

test('durations are reported in the unit that fits', () => {
  expect([formatMilliseconds(3.6), formatMilliseconds(1449)]).toEqual(['4 ms', '1.4 s']);
});
