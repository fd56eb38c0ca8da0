import { rotateSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import axios from 'axios';
import { expect, test } from 'vitest';
import { docker } from '../src/docker/engine.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import type { UpOptions } from '../src/runtime.ts';
import { ask } from './ask.ts';
import { answer, PASSWORD } from './consumers.ts';
import type { ContainerPlatform } from './container-platform.ts';

/** What each login says: the same for everyone who can log in, something else for everyone who cannot. */
type Logins = Readonly<Record<string, string>>;

/** Logs in everywhere with these secrets. */
async function logIn(
  platform: ContainerPlatform,
  ports: Readonly<Record<string, number>>,
  secrets: Secrets,
): Promise<Logins> {
  const { clickhouse, postgres } = {
    clickhouse: (user: string, password: string) =>
      ask(ports['clickhouse-01.http'] ?? 0, { user, password }, 'SELECT 1'),
    postgres: (user: string, password: string | undefined) =>
      answer(
        { user, password: password ?? '', database: user, port: ports['postgres'] ?? 0 },
        'SELECT 1',
      ).then(JSON.stringify, () => 'refused'),
  };
  const valkey = async (): Promise<string> => {
    const { redis = '' } = await platform.ids();
    const words = ['exec', '--env', `REDISCLI_AUTH=${secrets.redis_password}`, redis];
    return docker([...words, 'valkey-cli', 'PING']).then(
      (said) => (said === 'PONG' ? said : 'refused'),
      () => 'refused',
    );
  };
  const token = async (): Promise<string> => {
    const { status } = await axios.post(
      `http://127.0.0.1:${ports['airflow']}/auth/token`,
      { username: secrets.airflow_admin_user, password: secrets.airflow_admin_password },
      { proxy: false, validateStatus: () => true },
    );
    return String(status);
  };
  const flower = async (): Promise<string> => {
    const { status } = await axios.get(`http://127.0.0.1:${ports['flower']}/api/workers`, {
      auth: { username: secrets.flower_user, password: secrets.flower_password },
      proxy: false,
      validateStatus: () => true,
    });
    return String(status);
  };
  const [administrator, reader, superuser, airflow, metabase] = await Promise.all([
    clickhouse(secrets.super_user_name, secrets.super_user_password),
    clickhouse(secrets.bi_user_name, secrets.bi_user_password),
    postgres('postgres', secrets.postgres_password),
    postgres('airflow', secrets.airflow_database_password),
    postgres('metabase', secrets.metabase_database_password),
  ]);
  return {
    administrator: administrator === '1' ? '1' : 'refused',
    reader: reader === '1' ? '1' : 'refused',
    ...{ superuser, airflow, metabase },
    valkey: await valkey(),
    token: await token(),
    flower: await flower(),
  };
}

const LET_IN: Logins = {
  ...{ administrator: '1', reader: '1', valkey: 'PONG', token: '201', flower: '200' },
  ...{ superuser: '[[1]]', airflow: '[[1]]', metabase: '[[1]]' },
};

const REFUSED: Logins = {
  ...{
    administrator: 'refused',
    reader: 'refused',
    valkey: 'refused',
    token: '401',
    flower: '401',
  },
  ...{ superuser: 'refused', airflow: 'refused', metabase: 'refused' },
};

/** Every secret with another value; passwords have every character that they may have. */
function changed(before: Secrets): Secrets {
  const rotated = rotateSecrets(before, [
    ...['airflow_fernet_key', 'airflow_jwt_secret', 'airflow_api_secret_key', 'flower_password'],
  ]);
  const passwords = Object.keys(before)
    .filter((name) => name.endsWith('_password') && name !== 'flower_password')
    .map((name, index) => [name, `${PASSWORD}${index}`]);
  // Airflow expands a dollar in this one, and Flower splits at commas.
  const flower = `${PASSWORD.replaceAll(/[$,]/g, '')}f`;
  return { ...rotated, ...Object.fromEntries(passwords), flower_password: flower };
}

/** Tests of a platform with Airflow, storage and a consumer whose secrets change. */
export function testChangedSecrets(running: () => ContainerPlatform, options: UpOptions): void {
  test('after a restart every part takes the new secrets, whatever characters, and no old one', async () => {
    const platform = running();
    const ports = platform.portsFor(options);
    const before = await platform.secrets();
    expect(await logIn(platform, ports, before)).toEqual(LET_IN);
    const after = changed(before);
    await writeSecrets(stateFolder(platform.home, platform.name).secretsFile, after, {
      force: true,
    });
    await platform.runtime.restartAll();
    expect(await logIn(platform, ports, after)).toEqual(LET_IN);
    expect(await logIn(platform, ports, before)).toEqual(REFUSED);
    expect((await platform.runtime.status()).map(({ state }) => state)).toEqual(
      expect.not.arrayContaining(['not answering']),
    );
  });
}
