import type { z } from 'zod';
import type * as requests from './metabase-requests.ts';

export type Database = z.infer<typeof requests.database>;
export type Card = z.infer<typeof requests.card>;
export type Dashboard = z.infer<typeof requests.dashboard>;
export type Places = NonNullable<z.infer<typeof requests.dashboardChange>['dashcards']>;
/** What is kept of a request. */
export type Kept<Thing> = Thing & { readonly id: number; readonly archived: boolean };

/** What both questions and dashboards have, and nobody here sets. */
export const UNSET = { type: 'question', description: null, entity_id: null, creator_id: 1 };

export const UNSET_OF_DASHBOARD = {
  ...{ ...UNSET, width: 'fixed', auto_apply_filters: true, enable_embedding: false },
  ...{ public_uuid: null, cache_ttl: null, tabs: [], parameters: [] },
};

export const UNSET_OF_PLACE = { dashboard_tab_id: null, entity_id: null, inline_parameters: null };

export const shownCard = ({ dataset_query, ...card }: Kept<Card>) => ({
  ...{ ...UNSET, ...card, dataset_query },
  ...{ query_type: 'native', database_id: dataset_query.database, table_id: null },
});

/** As versions from 0.57 on show a statement. */
export const withStages = (card: Kept<Card>): object => ({
  ...shownCard(card),
  dataset_query: {
    ...{ 'lib/type': 'mbql/query', database: card.dataset_query.database },
    stages: [{ 'lib/type': 'mbql.stage/native', native: card.dataset_query.native.query }],
  },
});

/** As Metabase shows it: https://github.com/metabase/metabase/blob/master/src/metabase/warehouses_rest/api.clj */
export const withoutPassword = (database: Database & { readonly id: number }): object => ({
  ...database,
  details: { ...database.details, password: '**MetabasePass**' },
});
