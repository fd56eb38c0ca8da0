import { rotateSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import axios from 'axios';
import { expect, test } from 'vitest';
import { docker } from '../src/docker/engine.ts';
import { connectTopics } from '../src/native/kafka/topic-client.ts';
import { readDeployment } from '../src/state/deployment-file.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import type { UpOptions } from '../src/runtime.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { withHardPasswords } from './hard-passwords.ts';
import { ACCEPTED, logIn, REFUSED, refusedWith, type LoginPlaces, type Logins } from './logins.ts';

/** Where the parts of a platform of containers answer. */
const placesOf = (
  platform: ContainerPlatform,
  ports: Readonly<Record<string, number>>,
): LoginPlaces => ({
  clickhouse: ports['clickhouse-01.http'] ?? 0,
  postgres: ports['postgres'] ?? 0,
  airflow: ports['airflow'] ?? 0,
  flower: ports['flower'] ?? 0,
  async pingValkey(password) {
    const { redis = '' } = await platform.ids();
    const said = await docker([
      'exec',
      '--env',
      `REDISCLI_AUTH=${password}`,
      redis,
      'valkey-cli',
      'PING',
    ]);
    return said === 'PONG' ? said : 'refused';
  },
});

const EVERYBODY: Logins = { ...ACCEPTED, metabase: '[[1]]', api: '200', kafka: 'answers' };
const NOBODY: Logins = { ...REFUSED, metabase: 'refused', api: '401', kafka: 'refused' };

/** What the logins of all parts, those of modules among them, say to who knows the secrets. */
async function logInEverywhere(
  platform: ContainerPlatform,
  places: LoginPlaces,
  secrets: Secrets,
): Promise<Logins> {
  const deployment = await readDeployment(stateFolder(platform.home, platform.name).deploymentFile);
  const { host, port } = deployment.api ?? { host: '', port: 0 };
  const health = await axios.get(`http://${host}:${port}/health`, {
    headers: { authorization: `Bearer ${secrets.api_token}` },
    ...{ proxy: false, validateStatus: () => true },
  });
  const topics = connectTopics(deployment, { kafka_password: secrets.kafka_password ?? '' });
  const kafka = topics.offsets('nothing', 'nobody').then(
    () => 'answers',
    () => 'refused',
  );
  return { ...(await logIn(places, secrets)), api: String(health.status), kafka: await kafka };
}

/**
 * Each login needs one secret: it says of that one alone that the new value is taken and the old one refused,
 * and in the other turn that it stays.
 */
const TURNS = [
  {
    by: 'the next infra:up',
    rotated: [
      ...(['super_user_password', 'interserver_password', 'postgres_password'] as const),
      ...(['redis_password', 'airflow_admin_password', 'metabase_database_password'] as const),
      ...(['kafka_broker_password', 'kafka_clickhouse_password', 'api_token'] as const),
      ...(['airflow_api_secret_key'] as const),
    ],
  },
  {
    by: 'a restart',
    rotated: [
      ...(['bi_user_password', 'airflow_database_password', 'airflow_fernet_key'] as const),
      ...(['airflow_jwt_secret', 'flower_password', 'minio_root_password'] as const),
      ...(['kafka_password', 'monitoring_password'] as const),
    ],
  },
] as const;

/** Tests of a platform with Airflow, all modules and a consumer whose secrets change in turns. */
export function testChangedSecrets(running: () => ContainerPlatform, options: UpOptions): void {
  test.each(TURNS.map(({ by, rotated }) => [by, rotated.join(', '), rotated] as const))(
    'after %s every part takes the new %s, whatever characters, no old one, and all others as before',
    async (by, _, rotated) => {
      const platform = running();
      const ports = platform.portsFor(options);
      const places = placesOf(platform, ports);
      const before = await platform.secrets();
      expect(await logInEverywhere(platform, places, before)).toEqual(EVERYBODY);
      const after = withHardPasswords(rotateSecrets(before, rotated), rotated);
      const { secretsFile } = stateFolder(platform.home, platform.name);
      await writeSecrets(secretsFile, after, { force: true });
      if (by === 'a restart') await platform.runtime.restartAll();
      else await platform.runtime.up({ ...options, ports, consumers: ['metabase'] });
      expect(await logInEverywhere(platform, places, after)).toEqual(EVERYBODY);
      expect(await logInEverywhere(platform, places, before)).toEqual({
        ...EVERYBODY,
        ...refusedWith(rotated, NOBODY),
      });
      expect((await platform.runtime.status()).map(({ state }) => state)).toEqual(
        expect.not.arrayContaining(['not answering']),
      );
    },
  );
}
