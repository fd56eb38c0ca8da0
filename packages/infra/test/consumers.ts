import { writeSecrets } from '@provehouse/secrets';
import pg from 'pg';
import { expect, test } from 'vitest';
import { stateFolder } from '../src/state/state-folder.ts';
import type { UpOptions } from '../src/runtime.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { PASSWORD } from './hard-passwords.ts';

/** A login at PostgreSQL. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
}

/** What the server answers to a statement; rejects with its words when it refuses login or statement. */
export async function answer(login: Login, statement: string): Promise<unknown> {
  const client = new pg.Client({ ...login, host: '127.0.0.1' });
  try {
    await client.connect();
    return (await client.query({ text: statement, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

/** Tests of databases that PostgreSQL gives to others than Airflow, on a platform with Airflow. */
export function testConsumers(running: () => ContainerPlatform, options: UpOptions): void {
  test('a consumer that is added later gets its database, and nothing else is touched', async () => {
    const platform = running();
    const ports = platform.portsFor(options);
    const port = ports['postgres'] ?? 0;
    const before = await platform.ids();
    const secrets = await platform.secrets();
    const metabase = { user: 'metabase', password: PASSWORD, database: 'metabase', port };
    await expect(answer(metabase, 'SELECT 1')).rejects.toThrow(/authentication failed/);

    const { secretsFile } = stateFolder(platform.home, platform.name);
    const chosen = { ...secrets, metabase_database_password: PASSWORD };
    await writeSecrets(secretsFile, chosen, { force: true });
    await platform.runtime.up({ ...options, ports, consumers: ['metabase'] });
    const after = await platform.ids();
    const changed = Object.keys(after).filter(
      (component) => after[component] !== before[component],
    );
    expect(changed).toEqual(['airflow-migrate', 'monitoring-account', 'postgres-accounts']);

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
}
