import { expect, test } from 'vitest';
import { BOARDS, textOf, writtenText } from './index.ts';

test.each(BOARDS)(
  'the file of $uid is what its source says (node tools/grafana/write.ts)',
  async (board) => {
    expect(await writtenText(board)).toBe(await textOf(board));
  },
);

test('no two dashboards have an id in common, and no two panels of one a title', () => {
  expect(new Set(BOARDS.map(({ uid }) => uid)).size).toBe(BOARDS.length);
  for (const { rows } of BOARDS) {
    const titles = rows.flatMap(({ panels }) => panels.map(({ title }) => title));
    expect(new Set(titles).size).toBe(titles.length);
  }
});

test.each(BOARDS)(
  'each panel of $uid says what it shows, and asks the Prometheus that is chosen',
  async (board) => {
    const { panels = [], templating } = JSON.parse(await textOf(board)) as {
      panels?: {
        type: string;
        description?: string;
        datasource?: object;
        targets?: object[];
        options?: { legend?: { showLegend: boolean } };
      }[];
      templating?: { list: { name: string; type: string }[] };
    };
    expect(templating?.list).toEqual([
      expect.objectContaining({ name: 'datasource', type: 'datasource' }),
    ]);
    const pictures = panels.filter(({ type }) => type !== 'row');
    expect(pictures.length).toBe(board.rows.flatMap((row) => row.panels).length);
    const datasource = { type: 'prometheus', uid: '${datasource}' };
    for (const { type, description, datasource: own, targets = [], options } of pictures) {
      // The library hides it unless it is said.
      if (type === 'timeseries') expect(options?.legend?.showLegend).toBe(true);
      expect(description).toMatch(/\.$/);
      expect(own).toEqual(datasource);
      expect(targets.length).toBeGreaterThan(0);
      for (const target of targets) {
        expect(target).toMatchObject({ datasource, legendFormat: expect.stringMatching(/./) });
      }
    }
  },
);
