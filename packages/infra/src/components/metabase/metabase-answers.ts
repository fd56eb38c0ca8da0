import { z } from 'zod';

/**
 * What Metabase answers, as far as it is used. The forms are those of its own client for its API, Metabase 0.64
 * (https://github.com/metabase/metabase/tree/master/frontend/src/metabase-types/api), and of the endpoints in
 * https://github.com/metabase/metabase/tree/master/src/metabase.
 */

/** GET /api/session/properties, without a session: `setup-token` is there until there is a first user. */
export const propertiesSchema = z
  .object({
    'has-user-setup': z.boolean(),
    'setup-token': z.string().nullish(),
    version: z.object({ tag: z.string().min(1) }),
  })
  .transform((answer) => ({
    isSetUp: answer['has-user-setup'],
    setupToken: answer['setup-token'] ?? undefined,
    version: answer.version.tag.replace(/^v/, ''),
  }));

/** POST /api/session and POST /api/setup. */
export const sessionSchema = z.object({ id: z.string().min(1) });

/** Whatever has just been made or changed. */
export const madeSchema = z.object({ id: z.int() });

/** GET /api/user/current. */
export const userSchema = z.object({ id: z.int() });

/** GET /api/database. */
export const databasesSchema = z.object({
  data: z.array(z.object({ id: z.int(), name: z.string(), engine: z.string() })),
});

/** GET /api/collection: the first is the root, with a word for an id. */
export const collectionsSchema = z.array(
  z.object({
    id: z.union([z.int(), z.string()]),
    name: z.string(),
    /** Path of those that it is in; `/` where it is in none. */
    location: z.string().nullish(),
    archived: z.boolean().nullish(),
  }),
);

/** GET /api/collection/:id/items. */
export const itemsSchema = z.object({
  data: z.array(z.object({ id: z.int(), name: z.string(), model: z.string() })),
});

/** GET /api/dashboard/:id; what is not a question, such as a heading, has no card. */
export const dashboardSchema = z.object({
  archived: z.boolean(),
  dashcards: z.array(
    z.object({
      id: z.int(),
      card_id: z.int().nullable(),
      card: z.object({ name: z.string().nullish() }).nullish(),
    }),
  ),
});

/** GET /api/card/:id?legacy-mbql=true: the statement of a question that is one. */
export const cardSchema = z
  .object({ dataset_query: z.object({ native: z.object({ query: z.string() }).optional() }) })
  .transform(({ dataset_query: { native } }) => ({ statement: native?.query }));

/**
 * POST /api/card/:id/query. A query that fails is answered with the same status of HTTP, because an answer begins
 * before it is known (https://github.com/metabase/metabase/blob/master/src/metabase/server/streaming_response.clj).
 */
export const resultSchema = z.union([
  z.object({
    status: z.literal('completed'),
    /** When the answer was kept, where it is from the cache. */
    cached: z.union([z.boolean(), z.string()]).nullish(),
    data: z.object({
      rows: z.array(z.array(z.unknown())),
      cols: z.array(z.object({ name: z.string() })),
      native_form: z.object({ query: z.string() }).nullish(),
    }),
  }),
  z.object({ status: z.literal('failed'), error: z.string().nullish() }),
]);

/** Why a request is refused: a sentence, or one for each field. What was sent is not repeated. */
export const refusalSchema = z.union([
  z
    .object({ errors: z.record(z.string(), z.string()) })
    .refine(({ errors }) => Object.keys(errors).length > 0)
    .transform(({ errors }) =>
      Object.entries(errors)
        .map(([field, why]) => `${field}: ${why}`)
        .join('; '),
    ),
  z.object({ message: z.string().min(1) }).transform(({ message }) => message),
]);
