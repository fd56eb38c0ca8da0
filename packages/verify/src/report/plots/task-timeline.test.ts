import { expect, test } from 'vitest';
import { marksOf, textsOf } from '../../../test/svg-marks.ts';
import { BAD, GOOD, NEITHER, renderPlot } from './render-plot.ts';
import { taskTimeline, type TaskSpan } from './task-timeline.ts';

const QUEUED = new Date('2026-06-15T12:00:00Z');

const span = (task: string, state: string, start: number, end: number): TaskSpan => ({
  task,
  state,
  start: new Date(QUEUED.getTime() + start * 1000),
  end: new Date(QUEUED.getTime() + end * 1000),
});

const draw = (tasks: readonly TaskSpan[]): Promise<string> =>
  renderPlot(taskTimeline(tasks, QUEUED));

test('a bar reaches from the start to the end in seconds since the run was queued', async () => {
  const svg = await draw([span('load', 'success', 0.5, 2)]);
  expect(marksOf(svg)).toMatchObject([
    { description: 'seconds since the trigger: 0.5; task: load; end: 2; state: success' },
  ]);
  expect(textsOf(svg)).toContain('1.50 s');
});

test('tasks stand in the order in which they are given', async () => {
  const svg = await draw([span('z_first', 'success', 0, 1), span('a_second', 'success', 1, 2)]);
  const names = textsOf(svg).filter((text) => ['z_first', 'a_second'].includes(text));
  expect(names).toEqual(['z_first', 'a_second']);
});

test.each([
  ['success', GOOD],
  ['failed', BAD],
  ['upstream_failed', BAD],
  ['skipped', NEITHER],
  ['up_for_retry', NEITHER],
])('a task that is %s has the colour %s, whatever else there is', async (state, colour) => {
  const others = ['success', 'failed'].filter((other) => other !== state);
  const tasks = [...others, state].map((name, index) => span(name, name, index, index + 1));
  const mark = marksOf(await draw(tasks)).find(({ description }) =>
    description.endsWith(`state: ${state}`),
  );
  expect(mark?.fill).toBe(colour);
});

test('the subtitle gives the time to the end of the last task', async () => {
  const svg = await draw([span('long', 'success', 0, 3), span('short', 'success', 1, 2)]);
  expect(textsOf(svg)).toContainEqual(expect.stringMatching(/^3\.00 s from the trigger/));
});

test('a run without tasks is drawn', async () => {
  const svg = await draw([]);
  expect(marksOf(svg)).toEqual([]);
  expect(svg).not.toContain('NaN');
});
