import type { FieldName, Secrets } from '@provehouse/secrets';
import axios from 'axios';
import { ask } from './ask.ts';
import { answer } from './consumers.ts';

/** What each login says: the same for everyone who can log in, something else for everyone who cannot. */
export type Logins = Readonly<Record<string, string>>;

/** Where the parts of a platform answer. */
export interface LoginPlaces {
  readonly clickhouse: number;
  readonly postgres: number;
  readonly airflow: number;
  readonly flower: number;
  /** Asks Valkey with a password; rejects when it refuses. */
  readonly pingValkey: (password: string) => Promise<string>;
}

/** What the logins say to who knows the secrets. */
export const ACCEPTED = {
  ...{ administrator: '1', reader: '1', valkey: 'PONG', token: '201', flower: '200' },
  ...{ superuser: '[[1]]', airflow: '[[1]]' },
} satisfies Logins;

/** What they say to who does not. */
export const REFUSED = {
  ...{ administrator: 'refused', reader: 'refused', valkey: 'refused', token: '401' },
  ...{ flower: '401', superuser: 'refused', airflow: 'refused' },
} satisfies Logins;

/** The login that needs a secret, and no other secret. */
const LOGIN_WITH: Partial<Record<FieldName, string>> = {
  super_user_password: 'administrator',
  bi_user_password: 'reader',
  postgres_password: 'superuser',
  airflow_database_password: 'airflow',
  metabase_database_password: 'metabase',
  redis_password: 'valkey',
  airflow_admin_password: 'token',
  flower_password: 'flower',
  kafka_password: 'kafka',
  api_token: 'api',
};

/** Of what logins say to who does not know the secrets, that of the ones which need one of these. */
export const refusedWith = (fields: readonly FieldName[], refused: Logins = REFUSED): Logins =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const login = LOGIN_WITH[field];
      return login === undefined ? [] : [[login, refused[login] ?? '']];
    }),
  );

/** Logs in at every part of a platform with Airflow, and as metabase where that is a consumer. */
export async function logIn(places: LoginPlaces, secrets: Secrets): Promise<Logins> {
  const clickhouse = async (user: string, password: string): Promise<string> =>
    (await ask(places.clickhouse, { user, password }, 'SELECT 1')) === '1' ? '1' : 'refused';
  const postgres = (user: string, password: string): Promise<string> =>
    answer({ user, password, database: user, port: places.postgres }, 'SELECT 1').then(
      JSON.stringify,
      () => 'refused',
    );
  const token = axios.post(
    `http://127.0.0.1:${places.airflow}/auth/token`,
    { username: secrets.airflow_admin_user, password: secrets.airflow_admin_password },
    { proxy: false, validateStatus: () => true },
  );
  const flower = axios.get(`http://127.0.0.1:${places.flower}/api/workers`, {
    auth: { username: secrets.flower_user, password: secrets.flower_password },
    proxy: false,
    validateStatus: () => true,
  });
  const { metabase_database_password: metabase } = secrets;
  return {
    administrator: await clickhouse(secrets.super_user_name, secrets.super_user_password),
    reader: await clickhouse(secrets.bi_user_name, secrets.bi_user_password),
    superuser: await postgres('postgres', secrets.postgres_password),
    airflow: await postgres('airflow', secrets.airflow_database_password),
    ...(metabase !== undefined && { metabase: await postgres('metabase', metabase) }),
    valkey: await places.pingValkey(secrets.redis_password).catch(() => 'refused'),
    token: String((await token).status),
    flower: String((await flower).status),
  };
}
