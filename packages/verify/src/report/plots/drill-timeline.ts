import type { TopLevelSpec } from 'vega-lite';
import type { Attempt, Moment, TaskPhase, TimelineRecord } from '../../drills/timeline.ts';
import { BAD, GOOD, NEITHER, PALETTE } from './render-plot.ts';

/** What went on in a row of the plot, in seconds. */
interface Span {
  readonly row: string;
  readonly state: string;
  readonly start: number;
  readonly end: number;
}

const COLOURS: ReadonlyMap<string, string | undefined> = new Map([
  ['accepted', GOOD],
  ['refused', BAD],
  ['running', PALETTE[0]],
  ['up_for_retry', BAD],
]);

/** States in which a task does nothing more: they last to no end. */
const FINAL = new Set(['none', 'success', 'failed', 'upstream_failed', 'skipped', 'removed']);

/** What stands above the plot, in pixels from its upper edge: each in a line of its own. */
const LABELS: readonly (readonly [Moment, string, number])[] = [
  ['injected', 'fault', -8],
  ['lifted', 'lifted', -23],
  ['recovered', 'recovered', -38],
];

/** Inserts by node, or tasks, over the seconds of a drill, with the time of the fault. */
export function drillTimeline({ attempts, tasks, moments }: TimelineRecord): TopLevelSpec {
  const last = Math.max(0, ...Object.values(moments), ...attempts.map(({ end }) => end));
  const spans = [...attempts.map(attemptSpan), ...taskSpans(tasks, moments.ended ?? last)];
  const nodes = attempts.map(({ node }) => node).sort();
  const rows = [...new Set([...nodes, ...tasks.map(({ task }) => task)])];
  const states = [...new Set(spans.map(({ state }) => state))].sort();
  const marked = LABELS.flatMap(([moment, label, height]) => {
    const second = moments[moment];
    return second === undefined ? [] : [{ label, second, height }];
  });
  const colour = {
    field: 'state',
    type: 'nominal',
    scale: { domain: states, range: states.map((state) => COLOURS.get(state) ?? NEITHER) },
  } as const;
  const scale = { domain: [0, last || 1] };
  const x = { type: 'quantitative', title: 'seconds', scale } as const;
  const { injected, lifted } = moments;
  const bands = injected === undefined ? [] : [{ from: injected, to: lifted ?? last }];
  return {
    title: {
      text: tasks.length > 0 ? 'Tasks of the run' : 'Inserts by node',
      subtitle: 'shaded: while the fault lasts',
    },
    width: 640,
    height: { step: 30 },
    layer: [
      {
        data: { values: bands },
        mark: { type: 'rect', color: BAD, opacity: 0.12, aria: false },
        encoding: { x: { field: 'from', ...x }, x2: { field: 'to' } },
      },
      {
        data: { values: spans },
        // The outline keeps what lasts a few milliseconds visible.
        mark: { type: 'bar', height: 16, strokeWidth: 1.5 },
        encoding: {
          y: { field: 'row', type: 'nominal', title: null, sort: rows },
          x: { field: 'start', ...x },
          x2: { field: 'end' },
          color: { ...colour, title: null },
          stroke: { ...colour, title: null },
        },
      },
      {
        data: { values: marked },
        mark: { type: 'rule', strokeDash: [4, 3], aria: false },
        encoding: { x: { field: 'second', ...x } },
      },
      ...marked.map(({ label, second, height }) => ({
        data: { values: [{ label, second }] },
        mark: { type: 'text', align: 'left', dx: -2, y: height } as const,
        encoding: { x: { field: 'second', ...x }, text: { field: 'label' } },
      })),
    ],
  };
}

const attemptSpan = ({ node, accepted, start, end }: Attempt): Span => ({
  ...{ row: node, start, end },
  state: accepted ? 'accepted' : 'refused',
});

/** Each state of a task until its next one. */
const taskSpans = (phases: readonly TaskPhase[], end: number): Span[] =>
  phases.flatMap(({ task, state, start }, index) => {
    const next = phases.slice(index + 1).find((phase) => phase.task === task);
    return FINAL.has(state) ? [] : [{ row: task, state, start, end: next?.start ?? end }];
  });
