import { strToU8, zipSync } from 'fflate';
import {
  DEMO_CHARTS,
  DEMO_COLUMNS,
  DEMO_TABLE,
  type DemoChart,
  type DemoSource,
} from '../demo-charts.ts';

/** The dashboard's name in addresses. */
export const DASHBOARD = 'provehouse';

const DATABASE_UUID = '6b0cdd0a-51c5-4b3c-8a55-6a1d35a3000a';
const DATASET_UUID = '6b0cdd0a-51c5-4b3c-8a55-6a1d35a3000b';
const DASHBOARD_UUID = '6b0cdd0a-51c5-4b3c-8a55-6a1d35a3000c';

/** Of the format of exported assets. */
const VERSION = '1.0.0';

/** More rows than any chart has. */
const ROW_LIMIT = 10_000;

/** What Superset exports and imports, by path; JSON is YAML. */
export type AssetFiles = Readonly<Record<string, object>>;

/** The archive that Superset takes: https://superset.apache.org/docs/configuration/importing-exporting-datasources */
export function archiveOf(files: AssetFiles): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(files).map(
    ([name, content]) => [`assets/${name}`, strToU8(JSON.stringify(content))] as const,
  );
  return new Uint8Array(zipSync(Object.fromEntries(entries)));
}

/** The database, the dataset, the charts and the dashboard of a platform. */
export function assetFiles(options: DemoSource): AssetFiles {
  const files: Record<string, object> = {
    'metadata.yaml': { version: VERSION, type: 'assets', timestamp: new Date(0).toISOString() },
    'databases/clickhouse.yaml': databaseOf(options),
    'datasets/demo.yaml': datasetOf(options),
    'dashboards/demo.yaml': DASHBOARD_CONTENT,
  };
  for (const chart of DEMO_CHARTS) files[`charts/${chart.uuid}.yaml`] = chartOf(chart);
  return files;
}

/**
 * A password for an address that Superset keeps. It reads it, and writes it into an address once more before it
 * connects, in which SQLAlchemy 1.4 leaves percent signs as they are, so they are escaped for both.
 */
const keptPassword = (password: string): string =>
  encodeURIComponent(password.replaceAll('%', '%25'));

const databaseOf = ({ host, port, database, user, password }: DemoSource) => ({
  ...{ uuid: DATABASE_UUID, version: VERSION, database_name: 'ClickHouse' },
  sqlalchemy_uri: `clickhousedb://${encodeURIComponent(user)}:${keptPassword(password)}@${host}:${port}/${database}`,
  ...{ expose_in_sqllab: true, allow_ctas: false, allow_cvas: false, allow_dml: false },
  ...{ allow_file_upload: false, extra: {} },
});

const datasetOf = ({ database }: DemoSource) => ({
  ...{ uuid: DATASET_UUID, version: VERSION, database_uuid: DATABASE_UUID },
  ...{ table_name: DEMO_TABLE, schema: database, main_dttm_col: 'created_at' },
  columns: Object.entries(DEMO_COLUMNS).map(([column_name, type]) => ({
    ...{ column_name, type, is_dttm: type === 'DateTime', is_active: true },
    ...{ groupby: true, filterable: true },
  })),
  metrics: [{ metric_name: 'rows', expression: 'count()' }],
});

/** What Superset calls the looks of charts. */
const LOOKS = { number: 'big_number_total', pie: 'pie', table: 'table' } as const;

function chartOf({ uuid, name, by, metric, look }: DemoChart) {
  const shown = {
    ...{ expressionType: 'SQL', sqlExpression: metric.expression, label: metric.label },
    optionName: `metric_${metric.label}`,
  };
  const columns = by === undefined ? [] : [columnOf(by)];
  const formData = {
    ...{ viz_type: LOOKS[look], groupby: columns, row_limit: ROW_LIMIT, adhoc_filters: [] },
    ...(look === 'table'
      ? { metrics: [shown], query_mode: 'aggregate', all_columns: [] }
      : { metric: shown }),
  };
  const query = {
    ...{ columns, metrics: [shown], filters: [], extras: {}, orderby: [], row_limit: ROW_LIMIT },
  };
  return {
    ...{
      uuid,
      version: VERSION,
      slice_name: name,
      viz_type: LOOKS[look],
      dataset_uuid: DATASET_UUID,
    },
    params: formData,
    query_context: JSON.stringify({
      ...{ datasource: { id: 0, type: 'table' }, force: false, queries: [query] },
      ...{ form_data: formData, result_format: 'json', result_type: 'full' },
    }),
  };
}

/** A column by its name, or an expression with its label. */
const columnOf = ({ label, expression }: NonNullable<DemoChart['by']>) =>
  Object.hasOwn(DEMO_COLUMNS, expression)
    ? expression
    : { expressionType: 'SQL', sqlExpression: expression, label };

/** All charts in rows of three. */
const CHARTS_IN_ROW = 3;

const rowsOfCharts = Array.from(
  { length: Math.ceil(DEMO_CHARTS.length / CHARTS_IN_ROW) },
  (_, row) => ({
    id: `ROW-${row}`,
    charts: DEMO_CHARTS.slice(row * CHARTS_IN_ROW, (row + 1) * CHARTS_IN_ROW),
  }),
);

/** The layout of https://github.com/apache/superset/tree/master/superset-frontend/src/dashboard. */
const DASHBOARD_CONTENT = {
  ...{ uuid: DASHBOARD_UUID, version: VERSION, slug: DASHBOARD, published: true },
  dashboard_title: 'Provehouse demo',
  metadata: {},
  position: {
    DASHBOARD_VERSION_KEY: 'v2',
    ROOT_ID: { id: 'ROOT_ID', type: 'ROOT', children: ['GRID_ID'] },
    GRID_ID: { id: 'GRID_ID', type: 'GRID', children: rowsOfCharts.map(({ id }) => id) },
    ...Object.fromEntries(
      rowsOfCharts.map(({ id, charts }) => [
        id,
        {
          ...{ id, type: 'ROW', meta: { background: 'BACKGROUND_TRANSPARENT' } },
          children: charts.map(({ uuid }) => `CHART-${uuid}`),
        },
      ]),
    ),
    ...Object.fromEntries(
      DEMO_CHARTS.map(({ uuid, name }, index) => [
        `CHART-${uuid}`,
        {
          ...{ id: `CHART-${uuid}`, type: 'CHART', children: [] },
          meta: { uuid, chartId: index + 1, sliceName: name, width: 4, height: 50 },
        },
      ]),
    ),
  },
};
