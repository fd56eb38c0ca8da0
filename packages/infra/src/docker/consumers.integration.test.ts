import { writeSecrets } from '@provehouse/secrets';
import pg from 'pg';
import { beforeEach, expect, test } from 'vitest';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { stateFolder } from '../state/state-folder.ts';
import type { Consumer } from '../runtime.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

/** With every special character of a keyboard but the backtick, which a secrets file cannot carry. */
const PASSWORD = 'aB3!"#$%&\'()*+,-./:;<=>?@[\\]^_{|}~';

async function up(platform: ContainerPlatform, consumers: readonly Consumer[]): Promise<number> {
  const options = { shards: 1, replicas: 1, consumers } as const;
  const ports = platform.portsFor(options);
  await platform.runtime.up({ ...options, ports });
  return ports['postgres'] ?? 0;
}

interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
}

/** What the server answers to a statement; rejects with its words when it refuses login or statement. */
async function answer(login: Login, statement: string): Promise<unknown> {
  const client = new pg.Client({ ...login, host: '127.0.0.1' });
  try {
    await client.connect();
    return (await client.query({ text: statement, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

test('a consumer that is added later gets its database, and nothing else is touched', async () => {
  await using platform = await containerPlatform();
  const port = await up(platform, []);
  const before = await platform.ids();
  const secrets = await platform.secrets();
  const metabase = { user: 'metabase', password: PASSWORD, database: 'metabase', port };
  await expect(answer(metabase, 'SELECT 1')).rejects.toThrow(/authentication failed/);

  const { secretsFile } = stateFolder(platform.home, platform.name);
  const chosen = { ...secrets, metabase_database_password: PASSWORD };
  await writeSecrets(secretsFile, chosen, { force: true });
  expect(await up(platform, ['metabase'])).toBe(port);
  const after = await platform.ids();
  const changed = Object.keys(after).filter((component) => after[component] !== before[component]);
  expect(changed).toEqual(['airflow-migrate', 'postgres-accounts']);

  await answer(metabase, 'CREATE TABLE own (a integer)');
  await answer(metabase, 'INSERT INTO own VALUES (7)');
  expect(await answer(metabase, 'SELECT a FROM own')).toEqual([[7]]);
  const wrong = { ...metabase, password: `${PASSWORD}!` };
  await expect(answer(wrong, 'SELECT 1')).rejects.toThrow(/authentication failed/);

  const airflow = {
    ...{ user: 'airflow', password: secrets.airflow_database_password },
    ...{ database: 'airflow', port },
  };
  expect(await answer(airflow, 'SELECT count(*) > 0 FROM ab_user')).toEqual([[true]]);
  const refused = /permission denied for database/;
  await expect(answer({ ...metabase, database: 'airflow' }, 'SELECT 1')).rejects.toThrow(refused);
  await expect(answer({ ...airflow, database: 'metabase' }, 'SELECT 1')).rejects.toThrow(refused);
  const roles =
    "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'metabase'";
  expect(await answer(metabase, roles)).toEqual([[false, false, false]]);
});
