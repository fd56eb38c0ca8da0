import { DEMO_CHARTS, sqlOf, type DemoChart, type DemoSource } from '../demo-charts.ts';
import type { MetabaseClient, Named, Question } from './metabase-client.ts';

/** How people see the parts that a platform brings along; a later start finds them by these names. */
const DATABASE = 'ClickHouse';
const COLLECTION = 'Provehouse';
const DASHBOARD = 'Provehouse demo';

/** What Metabase calls the looks of charts. */
const DISPLAYS = { number: 'scalar', pie: 'pie', table: 'table' } as const;

/** A dashboard's grid has 24 columns (https://www.metabase.com/docs/latest/dashboards/introduction). */
const SIZE = { size_x: 8, size_y: 6 };
const IN_ROW = 24 / SIZE.size_x;

/**
 * Makes the connection to the database, the questions and the dashboard what they should be, and leaves all else.
 * Metabase asks the database whether it takes the account, but for no table.
 * @returns the dashboard's id
 * @throws MetabaseError
 */
export async function ensureDemo(client: MetabaseClient, source: DemoSource): Promise<number> {
  const database = await ensureDatabase(client, source);
  const collection = await ensureCollection(client);
  const items = await client.items(collection);
  const cards: Named[] = [];
  // One after the other: people see the oldest first.
  for (const chart of DEMO_CHARTS) {
    const before = idOf(items, chart.name, 'card');
    const id = await client.save('card', before, {
      ...{ name: chart.name, type: 'question', collection_id: collection },
      ...{ display: DISPLAYS[chart.look], visualization_settings: {} },
      dataset_query: queryOf(chart, database, source.database),
    });
    cards.push({ id, name: chart.name });
  }
  const dashboard =
    idOf(items, DASHBOARD, 'dashboard') ??
    (await client.save('dashboard', undefined, { name: DASHBOARD, collection_id: collection }));
  const shown = (await client.questions(dashboard)) ?? [];
  return client.save('dashboard', dashboard, { dashcards: placesOf(cards, shown), tabs: [] });
}

/** The dashboard's id; undefined where there is none. @throws MetabaseError */
export async function findDashboard(client: MetabaseClient): Promise<number | undefined> {
  const collection = idOf(await client.collections(), COLLECTION);
  return collection === undefined
    ? undefined
    : idOf(await client.items(collection), DASHBOARD, 'dashboard');
}

async function ensureDatabase(
  client: MetabaseClient,
  { host, port, user, password, database }: DemoSource,
): Promise<number> {
  const ofClickHouse = (await client.databases()).filter(({ engine }) => engine === 'clickhouse');
  return client.save('database', idOf(ofClickHouse, DATABASE), {
    ...{ name: DATABASE, engine: 'clickhouse' },
    // https://github.com/metabase/metabase/blob/master/modules/drivers/clickhouse/resources/metabase-plugin.yaml
    details: { host, port, user, password, dbname: database, ssl: false },
  });
}

const ensureCollection = async (client: MetabaseClient): Promise<number> =>
  idOf(await client.collections(), COLLECTION) ??
  (await client.save('collection', undefined, { name: COLLECTION }));

/** The oldest of that name, which people may have given to others as well. */
const idOf = (
  all: readonly (Named & { readonly model?: string })[],
  name: string,
  model?: string,
): number | undefined =>
  all
    .filter((one) => one.name === name && one.model === model)
    .map(({ id }) => id)
    .toSorted((left, right) => left - right)[0];

/** https://www.metabase.com/docs/latest/api, with the statement as versions before 0.57 had it, which is taken still. */
const queryOf = (chart: DemoChart, database: number, of: string) => ({
  ...{ database, type: 'native' },
  native: { query: sqlOf(chart, of) },
});

/** All questions in rows of three; one that is there keeps its place's id, and new places have negative ones. */
const placesOf = (cards: readonly Named[], shown: readonly Question[]) =>
  cards.map(({ id: card_id }, at) => ({
    id: shown.find(({ id }) => id === card_id)?.dashcard ?? -1 - at,
    ...{ card_id, ...SIZE, row: Math.floor(at / IN_ROW) * SIZE.size_y },
    ...{ col: (at % IN_ROW) * SIZE.size_x, visualization_settings: {}, parameter_mappings: [] },
  }));
