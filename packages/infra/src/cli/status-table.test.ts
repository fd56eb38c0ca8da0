import { expect, test } from 'vitest';
import { formatDuration, renderStatus } from './status-table.ts';

test.each([
  [0, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [3600 * 3 + 300, '3 h 5 min'],
])('%i seconds are said as %s', (seconds, said) => {
  expect(formatDuration(seconds)).toBe(said);
});

test('the table has a line for each component, the reasons below it and the memory in all', () => {
  const text = renderStatus([
    { name: 'redis', kind: 'redis', state: 'ready', pid: 7, memoryBytes: 5 * 1024 ** 2 },
    { name: 'postgres', kind: 'postgres', state: 'not answering', reason: 'ECONNREFUSED' },
  ]);
  expect(text).toMatch(/^redis +ready +7/m);
  expect(text).toMatch(/^postgres: ECONNREFUSED$/m);
  expect(text).toContain('2 components, 5 MiB in all');
});

test('what is left out is below the table with the reason', () => {
  const ready = { name: 'redis', kind: 'redis', state: 'ready' };
  const text = renderStatus([ready], { grafana: 'no registry has it' });
  expect(text).toMatch(/in all\ngrafana is left out: no registry has it\.\n$/);
  expect(renderStatus([ready])).not.toContain('left out');
});
