import { z } from 'zod';

/**
 * What Metabase 0.64 accepts, as far as the platform sends it. The official description of its API
 * (https://www.metabase.com/docs/latest/api.json) is made from the same definitions that refuse requests, in
 * https://github.com/metabase/metabase/tree/master/src/metabase: `setup_rest`, `session`, `users_rest`,
 * `warehouses_rest`, `collections_rest`, `queries_rest` and `dashboards_rest`. They are closed: what they do not
 * name is refused. So these are, too.
 */

const nonBlank = z.string().regex(/\S/);
const positive = z.int().positive();
const email = z.string().regex(/^[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z0-9-]+$/);
/** Fifteen characters, as Metabase's rule for passwords is by default. */
const password = z.string().min(15);
const settings = z.record(z.string(), z.unknown());

export const setup = z.strictObject({
  token: nonBlank,
  user: z.strictObject({
    ...{ email, password },
    first_name: nonBlank.nullish(),
    last_name: nonBlank.nullish(),
  }),
  prefs: z.strictObject({
    site_name: nonBlank,
    site_locale: z.string().nullish(),
  }),
});

export const session = z.strictObject({ username: nonBlank, password: nonBlank });

export const passwordChange = z.strictObject({ password, old_password: z.string().nullish() });

export const database = z.strictObject({
  name: nonBlank,
  engine: z.literal('clickhouse'),
  // Of the driver: modules/drivers/clickhouse/resources/metabase-plugin.yaml.
  details: z.strictObject({
    host: nonBlank,
    port: positive,
    user: nonBlank,
    password: z.string(),
    dbname: nonBlank,
    ssl: z.boolean(),
  }),
  is_full_sync: z.boolean().nullish(),
  auto_run_queries: z.boolean().nullish(),
});

export const collection = z.strictObject({
  name: nonBlank,
  description: nonBlank.nullish(),
  parent_id: positive.nullish(),
});

export const card = z.strictObject({
  name: nonBlank,
  type: z.enum(['question', 'model', 'metric']).nullish(),
  dataset_query: z.strictObject({
    database: positive,
    type: z.literal('native'),
    native: z.strictObject({ query: nonBlank }),
  }),
  display: nonBlank,
  visualization_settings: settings,
  collection_id: positive.nullish(),
});

export const cardChange = card.partial().extend({ archived: z.boolean().nullish() });

export const query = z.strictObject({
  ignore_cache: z.boolean().default(false),
  parameters: z.array(z.unknown()).nullish(),
});

export const dashboard = z.strictObject({
  name: nonBlank,
  description: z.string().nullish(),
  collection_id: positive.nullish(),
});

const place = z.strictObject({
  /** Negative for one that is new. */
  id: z.int(),
  size_x: positive,
  size_y: positive,
  row: z.int().min(0),
  col: z.int().min(0),
  card_id: positive.nullish(),
  parameter_mappings: z.array(z.unknown()).nullish(),
  visualization_settings: settings.nullish(),
  series: z.array(z.unknown()).nullish(),
});

export const dashboardChange = dashboard.partial().extend({
  archived: z.boolean().nullish(),
  dashcards: z
    .array(place)
    .refine((places) => new Set(places.map(({ id }) => id)).size === places.length, {
      error: 'expected different ids',
    })
    .nullish(),
  tabs: z.array(z.strictObject({ id: z.int(), name: nonBlank })).nullish(),
});
