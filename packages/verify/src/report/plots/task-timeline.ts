import type { TopLevelSpec } from 'vega-lite';
import { BAD, GOOD, NEITHER } from './render-plot.ts';

/** A task's last try. */
export interface TaskSpan {
  readonly task: string;
  readonly state: string;
  readonly start: Date;
  readonly end: Date;
}

const COLOURS: ReadonlyMap<string, string> = new Map([
  ['success', GOOD],
  ['failed', BAD],
  ['upstream_failed', BAD],
]);

/** Bars of the tasks over the seconds since the run was `queued`. */
export function taskTimeline(tasks: readonly TaskSpan[], queued: Date): TopLevelSpec {
  const since = (moment: Date): number => (moment.getTime() - queued.getTime()) / 1000;
  const values = tasks.map(({ task, state, start, end }) => ({
    ...{ task, state, start: since(start), end: since(end) },
    label: `${(since(end) - since(start)).toFixed(2)} s`,
  }));
  const end = Math.max(0, ...values.map((value) => value.end));
  const states = [...new Set(tasks.map(({ state }) => state))];
  return {
    title: {
      text: 'Tasks of the run',
      subtitle: `${end.toFixed(2)} s from the trigger to the end of the last task`,
    },
    data: { values },
    width: 640,
    height: { step: 34 },
    encoding: {
      y: { field: 'task', type: 'nominal', title: null, sort: values.map(({ task }) => task) },
      x: {
        field: 'start',
        type: 'quantitative',
        title: 'seconds since the trigger',
        scale: { domain: [0, end * 1.1 || 1] },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: 22 },
        encoding: {
          x2: { field: 'end' },
          color: {
            field: 'state',
            type: 'nominal',
            title: null,
            scale: {
              domain: states,
              range: states.map((state) => COLOURS.get(state) ?? NEITHER),
            },
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6 },
        encoding: { x: { field: 'end', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  };
}
