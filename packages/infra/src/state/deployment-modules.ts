import { z } from 'zod';

/** A port of TCP. */
export const portSchema = z.int().min(1).max(65535);

/** Where other parts of the platform find a service, if that is elsewhere than for this machine. */
const placeInside = z.strictObject({ host: z.string(), port: portSchema }).optional();

/** A broker, and the account that tasks log in with, by SCRAM. */
export const kafkaSchema = z.strictObject({
  host: z.string(),
  port: portSchema,
  user: z.string().min(1),
  inside: placeInside,
});

/** A bucket, and the account (access key) that the platform uses it by. */
export const storageSchema = z.strictObject({
  /** URL of the S3 server. */
  endpoint: z.url(),
  region: z.string().min(1),
  bucket: z.string().min(1),
  /** What stands before the keys of all that the platform has there, with a slash at its end. */
  prefix: z.string().endsWith('/').optional(),
  user: z.string().min(1),
  /** The server as nodes and Airflow's tasks reach it, where that differs. */
  inside: z.strictObject({ endpoint: z.url() }).optional(),
});

/** The API that pipelines load from; its token is a secret. */
export const apiSchema = z.strictObject({
  host: z.string(),
  port: portSchema,
  inside: placeInside,
});

/** Prometheus, and what it asks. */
export const monitoringSchema = z.strictObject({
  url: z.url(),
  version: z.string().min(1),
  /** ClickHouse's account by which it asks for the state of tables, where nodes have one for it. */
  user: z.string().min(1).optional(),
  /** Everything that it must scrape, and nothing else. */
  targets: z.array(
    z.strictObject({
      job: z.string().min(1),
      /** The component that is asked, as label of all that it says. */
      component: z.string().min(1),
      /** `host:port`. */
      address: z.string().min(1),
    }),
  ),
  /** What would be scraped and is not, and why. */
  unscraped: z
    .array(z.strictObject({ job: z.string().min(1), reason: z.string().min(1) }))
    .optional(),
  /** Names of the alerts that it must know. */
  alerts: z.array(z.string().min(1)),
  /** The Alertmanager that it must send alerts to, and where that passes them on. */
  alertmanager: z
    .strictObject({ url: z.url(), sendsTo: z.array(z.string().min(1)), inside: placeInside })
    .optional(),
  /** The Grafana whose dashboards ask it; the password of the user is the secret `grafana_admin_password`. */
  grafana: z
    .strictObject({ url: z.url(), version: z.string().min(1), user: z.string().min(1) })
    .optional(),
});

/** What each chart of a dashboard must show. */
const chartsSchema = z.array(
  z.strictObject({
    name: z.string().min(1),
    /** `database.table` that it must show; absent where that is what a statement gives. */
    table: z
      .string()
      .regex(/^[^.]+\.[^.]+$/, { error: 'expected database.table' })
      .optional(),
    /** The statement whose answer it must show, by the names of the columns; asked as the reader. */
    sql: z.string().min(1),
  }),
);

/** Superset, its dashboard, and what each chart of it must show. */
export const supersetSchema = z.strictObject({
  url: z.url(),
  version: z.string().min(1),
  /** Who asks it; the password is the secret `superset_admin_password`. */
  user: z.string().min(1),
  /** The dashboard's id or its name in addresses. */
  dashboard: z.string().min(1),
  charts: chartsSchema,
});

/** Metabase, its dashboard, and what each question of it must show. */
export const metabaseSchema = z.strictObject({
  url: z.url(),
  version: z.string().min(1),
  /** Who asks it, by their e-mail address; the password is the secret `metabase_admin_password`. */
  user: z.email(),
  /** The dashboard's id, as in its address. */
  dashboard: z.int().positive(),
  charts: chartsSchema,
});
