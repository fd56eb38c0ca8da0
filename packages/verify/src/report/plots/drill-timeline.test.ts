import { expect, test } from 'vitest';
import { marksOf, textsOf } from '../../../test/svg-marks.ts';
import type { Attempt, TaskPhase, TimelineRecord } from '../../drills/timeline.ts';
import { drillTimeline } from './drill-timeline.ts';
import { BAD, GOOD, renderPlot } from './render-plot.ts';

const draw = (record: Partial<TimelineRecord>): Promise<string> =>
  renderPlot(drillTimeline({ attempts: [], tasks: [], moments: {}, ...record }));

const attempt = (node: string, start: number, accepted: boolean): Attempt => ({
  ...{ node, batch: 0, start, end: start + 1, accepted },
});

const phase = (task: string, state: string, start: number): TaskPhase => ({
  ...{ task, state, try: 1, start },
});

test('what was refused has another colour than what was accepted', async () => {
  const marks = marksOf(
    await draw({
      attempts: [attempt('clickhouse-01', 0, true), attempt('clickhouse-02', 1, false)],
    }),
  );
  const colourOf = (state: string): string | undefined =>
    marks.find(({ description }) => description.includes(`state: ${state}`))?.fill;
  expect([colourOf('accepted'), colourOf('refused')]).toEqual([GOOD, BAD]);
});

test('nodes stand in the order of their names, tasks in that of the run', async () => {
  const attempts = [attempt('clickhouse-02', 0, true), attempt('clickhouse-01', 1, true)];
  const nodes = textsOf(await draw({ attempts })).filter((text) => text.startsWith('clickhouse'));
  expect(nodes).toEqual(['clickhouse-01', 'clickhouse-02']);
  const tasks = [phase('z_first', 'running', 0), phase('a_second', 'running', 1)];
  const names = textsOf(await draw({ tasks })).filter((text) => /_(first|second)$/.test(text));
  expect(names).toEqual(['z_first', 'a_second']);
});

test('a task is in a state until its next one, and ends with its last', async () => {
  const tasks = [
    phase('load', 'running', 1),
    phase('report', 'queued', 2),
    phase('load', 'success', 4),
  ];
  const marks = marksOf(await draw({ tasks, moments: { ended: 9 } }));
  expect(marks.map(({ description }) => description)).toEqual([
    'seconds: 1; row: load; end: 4; state: running',
    'seconds: 2; row: report; end: 9; state: queued',
  ]);
});

test('the moments of the fault are named, those that were not reached are not', async () => {
  const attempts = [attempt('clickhouse-01', 0, true)];
  const svg = await draw({ attempts, moments: { injected: 1, proved: 2, lifted: 3 } });
  const labels = textsOf(svg).filter((text) => ['fault', 'lifted', 'recovered'].includes(text));
  expect(labels).toEqual(['fault', 'lifted']);
});

test('a drill without events is drawn', async () => {
  expect(await draw({})).not.toContain('NaN');
});
