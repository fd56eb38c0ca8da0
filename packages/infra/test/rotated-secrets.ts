import { rotateSecrets, writeSecrets, type FieldName } from '@provehouse/secrets';
import axios from 'axios';
import { Redis } from 'iovalkey';
import { expect, test } from 'vitest';
import type { Deployment } from '../src/state/deployment.ts';
import { readDeployment } from '../src/state/deployment-file.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import { ask } from './ask.ts';
import { withHardPasswords } from './hard-passwords.ts';
import { ACCEPTED, logIn, refusedWith, type LoginPlaces } from './logins.ts';
import type { TemporaryPlatform } from './temporary-platform.ts';

interface Turn {
  readonly rotated: readonly FieldName[];
  /** What the owner writes into the secrets file besides. */
  readonly added: { readonly telegram_bot_token?: string };
  /** Airflow's connections afterwards. */
  readonly connections: readonly string[];
}

/**
 * A restart takes longer than all else here. Each login needs one secret: it says of that one alone
 * that the new value is taken and the old one refused, and in the other turn that it stays.
 */
const TURNS: readonly Turn[] = [
  {
    rotated: [
      ...(['super_user_password', 'interserver_password', 'postgres_password'] as const),
      ...(['redis_password', 'airflow_admin_password'] as const),
    ],
    added: {},
    connections: ['clickhouse_default', 'kafka_default'],
  },
  {
    rotated: [
      ...(['bi_user_password', 'airflow_database_password', 'airflow_fernet_key'] as const),
      ...(['airflow_jwt_secret', 'flower_password'] as const),
    ],
    added: { telegram_bot_token: '123456:token-of-a-bot-for-tests' },
    connections: ['clickhouse_default', 'kafka_default', 'telegram_default'],
  },
];

/** An answer with nothing of the nodes where all is well. */
const QUIETLY = `SETTINGS distributed_ddl_output_mode = 'none'`;

const placesOf = ({ clickhouse, postgres, airflow, redis }: Deployment): LoginPlaces => ({
  clickhouse: clickhouse.nodes[0]?.httpPort ?? 0,
  postgres: postgres?.port ?? 0,
  airflow: Number(new URL(airflow?.url ?? 'http://none:1').port),
  flower: Number(new URL(airflow?.flower.url ?? 'http://none:1').port),
  async pingValkey(password) {
    const port = redis?.port ?? 0;
    const client = new Redis({ port, password, lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.ping();
    } finally {
      client.disconnect();
    }
  },
});

/** Tests of a platform of processes with Airflow whose secrets change in turns. */
export function testRotatedSecrets(running: () => TemporaryPlatform): void {
  test.each(TURNS.map((turn) => [turn.rotated.join(', '), turn] as const))(
    'after a restart everyone logs in with the new %s, nobody with the old ones, and replicas agree',
    async (_, { rotated, added, connections }) => {
      const platform = running();
      const before = await platform.secrets();
      const places = placesOf(
        await readDeployment(stateFolder(platform.home, 'test').deploymentFile),
      );
      const token = await tokenOf(places, before);
      const after = { ...withHardPasswords(rotateSecrets(before, rotated), rotated), ...added };
      const { secretsFile } = stateFolder(platform.home, 'test');
      await writeSecrets(secretsFile, after, { force: true });
      const { clickhouse } = await platform.runtime.restartAll();
      expect(await logIn(places, after)).toEqual(ACCEPTED);
      expect(await logIn(places, before)).toEqual({ ...ACCEPTED, ...refusedWith(rotated) });
      // What Airflow has signed with another secret is nothing to it any more.
      const { status } = await connectionsOf(places, token);
      expect(status).toBe(rotated.includes('airflow_jwt_secret') ? 403 : 200);
      const { data } = await connectionsOf(places, await tokenOf(places, after));
      const ids = data.connections.map(({ connection_id: id }: { connection_id: string }) => id);
      expect(ids.toSorted()).toEqual(connections);
      const account = { user: after.super_user_name, password: after.super_user_password };
      const [first, , replica] = clickhouse.nodes.map(({ httpPort }) => httpPort);
      const table = 'otus_default.rotated';
      for (const statement of [
        `CREATE TABLE ${table} ON CLUSTER ${clickhouse.cluster} (id UInt8)
         ENGINE = ReplicatedMergeTree ORDER BY id ${QUIETLY}`,
        `INSERT INTO ${table} VALUES (1)`,
      ]) {
        expect(await ask(first ?? 0, account, statement)).toBe('');
      }
      expect(await ask(replica ?? 0, account, `SYSTEM SYNC REPLICA ${table}`)).toBe('');
      expect(await ask(replica ?? 0, account, `SELECT count() FROM ${table}`)).toBe('1');
      const drop = `DROP TABLE ${table} ON CLUSTER ${clickhouse.cluster} SYNC ${QUIETLY}`;
      expect(await ask(first ?? 0, account, drop)).toBe('');
    },
  );
}

const connectionsOf = ({ airflow }: LoginPlaces, token: string) =>
  axios.get(`http://127.0.0.1:${airflow}/api/v2/connections`, {
    headers: { authorization: `Bearer ${token}` },
    ...{ proxy: false, validateStatus: () => true },
  });

async function tokenOf(
  { airflow }: LoginPlaces,
  { airflow_admin_user: username, airflow_admin_password: password }: Record<string, unknown>,
): Promise<string> {
  const url = `http://127.0.0.1:${airflow}/auth/token`;
  const { data } = await axios.post(url, { username, password }, { proxy: false });
  return String(data.access_token);
}
