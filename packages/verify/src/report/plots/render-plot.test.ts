import { expect, test } from 'vitest';
import { textsOf } from '../../../test/svg-marks.ts';
import { renderPlot } from './render-plot.ts';

const bars = (names: readonly string[]) => ({
  data: { values: names.map((name) => ({ name, rows: 1 })) },
  mark: 'bar' as const,
  encoding: {
    y: { field: 'name', type: 'nominal' as const },
    x: { field: 'rows', type: 'quantitative' as const },
  },
});

test('a plot is an SVG document of its own on a white ground', async () => {
  const svg = await renderPlot(bars(['a']));
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).toMatch(/<rect width="\d+" height="\d+" fill="white"\/>/);
  expect(svg).not.toContain('<script');
});

test('a long name is shown whole', async () => {
  const name = 'a_task_with_a_name_that_is_much_longer_than_usual_names_of_tasks_are';
  expect(textsOf(await renderPlot(bars([name])))).toContain(name);
});

test('characters that mean something in XML are only text', async () => {
  const svg = await renderPlot(bars(['a < b & "c"']));
  expect(svg).not.toContain('a < b');
  expect(textsOf(svg)).toContainEqual(expect.stringMatching(/^a &lt; b &amp; /));
});
