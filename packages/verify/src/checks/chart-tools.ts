import {
  MetabaseClient,
  SupersetClient,
  type ChartData,
  type Dataset,
  type Deployment,
} from '@provehouse/infra';
import type { Secrets } from '@provehouse/secrets';

type Superset = NonNullable<Deployment['superset']>;
type Metabase = NonNullable<Deployment['metabase']>;

/** A chart that a deployment names, and what it must show. */
export type NamedChart = Superset['charts'][number];

/** A chart as it is found on a dashboard. */
export interface ShownChart {
  readonly name: string;
  /** What it shows instead of that table, given as `database.table`; nothing where it shows that one. */
  insteadOf(table: string): Promise<string | undefined>;
  /** What it shows, asked of the database whatever a cache has if `force` says so. */
  data(options: { readonly force: boolean }): Promise<ChartData>;
}

/** A program in which people look at charts. */
export interface ChartTool extends AsyncDisposable {
  readonly name: 'Superset' | 'Metabase';
  readonly url: string;
  /** The dashboard, as it is in addresses. */
  readonly dashboard: string | number;
  /** What the deployment says of its charts. */
  readonly named: readonly NamedChart[];
  /** The charts of the dashboard; undefined without one. @throws ChartToolError */
  charts(): Promise<readonly ShownChart[] | undefined>;
}

/** Those that a deployment names, each with the secret that it takes to ask it and, where there is one, itself. */
export function chartTools(
  { superset, metabase }: Deployment,
  secrets: Partial<Secrets>,
): { readonly secret: keyof Secrets; readonly tool: ChartTool | undefined }[] {
  const { superset_admin_password: ofSuperset, metabase_admin_password: ofMetabase } = secrets;
  return [
    ...(superset
      ? [
          {
            secret: 'superset_admin_password' as const,
            tool: ofSuperset === undefined ? undefined : supersetTool(superset, ofSuperset),
          },
        ]
      : []),
    ...(metabase
      ? [
          {
            secret: 'metabase_admin_password' as const,
            tool: ofMetabase === undefined ? undefined : metabaseTool(metabase, ofMetabase),
          },
        ]
      : []),
  ];
}

function supersetTool({ url, user, dashboard, charts }: Superset, password: string): ChartTool {
  const client = new SupersetClient(url, { username: user, password });
  // Several charts show the same.
  const datasets = new Map<number, Promise<Dataset>>();
  const datasetOf = (id: number): Promise<Dataset> => {
    const asked = datasets.get(id) ?? client.dataset(id);
    datasets.set(id, asked);
    return asked;
  };
  return {
    ...{ name: 'Superset', url, dashboard, named: charts },
    async charts() {
      datasets.clear();
      const found = await client.charts(dashboard);
      return found?.map(({ id, name, dataset }) => ({
        name,
        async insteadOf(table) {
          const { schema, table: of, sql } = await datasetOf(dataset);
          const source = sql === null ? `${schema}.${of}` : 'a statement';
          return source === table ? undefined : source;
        },
        data: (options) => client.chartData(id, options),
      }));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function metabaseTool({ url, user, dashboard, charts }: Metabase, password: string): ChartTool {
  const client = new MetabaseClient(url, { email: user, password });
  return {
    ...{ name: 'Metabase', url, dashboard, named: charts },
    async charts() {
      const found = await client.questions(dashboard);
      return found?.map(({ id, name }) => ({
        name,
        async insteadOf(table) {
          const statement = await client.statement(id);
          // A question that was made without a statement shows what its rows say.
          if (statement === undefined || namesTable(statement, table)) return undefined;
          return `what this gives: ${statement.trim().replaceAll(/\s+/g, ' ')}`;
        },
        data: (options) => client.answer(id, options),
      }));
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Whether `database.table` is in a statement, quoted or not. */
const namesTable = (statement: string, table: string): boolean =>
  statement
    .replaceAll(/[`"]/g, '')
    .split(/[^\w.]+/)
    .includes(table);
