import type { TopLevelSpec } from 'vega-lite';

/** Colours that can be told apart, also by people who see few colours (Okabe and Ito, 2008). */
export const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

/** The colour of what is as it must be, of what is not, and of what is neither. */
export const GOOD = '#009e73';
export const BAD = '#d55e00';
export const NEITHER = '#999999';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

/** The plot as an SVG document on white, readable in a light and in a dark page. */
export async function renderPlot(plot: TopLevelSpec): Promise<string> {
  // A quarter of all modules of the program, for the end of its run.
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec } = compile({
    padding: 16,
    ...plot,
    config: {
      font: FONT,
      title: {
        anchor: 'start',
        fontSize: 15,
        subtitleFontSize: 12,
        subtitleColor: '#555',
        offset: 12,
      },
      axis: {
        labelFontSize: 12,
        // Names of tasks and nodes are what a plot is read by: none is cut.
        labelLimit: 0,
        titleFontSize: 12,
        titleFontWeight: 'normal',
        grid: false,
      },
      legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
      view: { stroke: null },
    },
  });
  const view = new View(parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
