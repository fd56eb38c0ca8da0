import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** What a panel asks Prometheus, and what each line of the answer is called. */
export interface Query {
  readonly expr: string;
  /** Labels in braces: `{{component}}`. */
  readonly legend: string;
}

/** One picture of a dashboard. */
export interface Panel {
  readonly title: string;
  /** What is seen, and what to do where it is bad. */
  readonly description: string;
  /** As Grafana names units: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** The last figure of each line instead of its course; it is red from `redFrom` on, or below it. */
  readonly stat?: { readonly redFrom: number } | { readonly redBelow: number };
}

/** A dashboard: rows of panels. */
export interface Board {
  /** Its name in the address, and that of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** Grafana's page is 24 columns wide. */
const SPAN = 8;
const HEIGHT = 7;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** A dashboard as Grafana imports it, for any Prometheus that scrapes a platform. */
export function render({ uid, title, description, rows }: Board): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['provehouse'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .timezone('utc')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    );
  let id = 0;
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title).id((id += 1)));
    for (const panel of row.panels) dashboard.withPanel(panelOf(panel).id((id += 1)));
  }
  return dashboard.build();
}

function panelOf(panel: Panel): StatBuilder | TimeseriesBuilder {
  const { stat, queries } = panel;
  const builder =
    stat === undefined
      ? courseOf()
      : new StatBuilder()
          .thresholds(thresholdsOf(stat))
          .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  builder
    .title(panel.title)
    .description(panel.description)
    .unit(panel.unit)
    .datasource(DATASOURCE)
    .span(SPAN)
    .height(HEIGHT);
  for (const { expr, legend } of queries) {
    const query = new DataqueryBuilder().expr(expr).legendFormat(legend).datasource(DATASOURCE);
    builder.withTarget(stat === undefined ? query.range() : query.instant());
  }
  return builder;
}

/** The course of each line, which the legend and what is shown at the pointer name. */
const courseOf = (): TimeseriesBuilder =>
  new TimeseriesBuilder()
    .min(0)
    .fillOpacity(10)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );

function thresholdsOf(stat: NonNullable<Panel['stat']>): ThresholdsConfigBuilder {
  const [first, from, then] =
    'redFrom' in stat ? ['green', stat.redFrom, 'red'] : ['red', stat.redBelow, 'green'];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: String(first) },
    { value: Number(from), color: String(then) },
  ]);
}
