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
import { ACCEPTED, logIn, REFUSED, type LoginPlaces } from './logins.ts';

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

/** What Kafka and the API say to who knows the secrets. */
async function askModules(platform: ContainerPlatform, secrets: Secrets): Promise<object> {
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
  return { api: health.status, kafka: await kafka };
}

const KEYS = ['airflow_fernet_key', 'airflow_jwt_secret', 'airflow_api_secret_key', 'api_token'];

/** Tests of a platform with Airflow, all modules and a consumer whose secrets change. */
export function testChangedSecrets(running: () => ContainerPlatform, options: UpOptions): void {
  test('after a restart every part takes the new secrets, whatever characters, and no old one', async () => {
    const platform = running();
    const places = placesOf(platform, platform.portsFor(options));
    const before = await platform.secrets();
    expect(await logIn(places, before)).toEqual({ ...ACCEPTED, metabase: '[[1]]' });
    expect(await askModules(platform, before)).toEqual({ api: 200, kafka: 'answers' });
    const after = withHardPasswords(rotateSecrets(before, KEYS));
    await writeSecrets(stateFolder(platform.home, platform.name).secretsFile, after, {
      force: true,
    });
    await platform.runtime.restartAll();
    expect(await logIn(places, after)).toEqual({ ...ACCEPTED, metabase: '[[1]]' });
    expect(await logIn(places, before)).toEqual({ ...REFUSED, metabase: 'refused' });
    expect(await askModules(platform, after)).toEqual({ api: 200, kafka: 'answers' });
    expect(await askModules(platform, before)).toEqual({ api: 401, kafka: 'refused' });
    expect((await platform.runtime.status()).map(({ state }) => state)).toEqual(
      expect.not.arrayContaining(['not answering']),
    );
  });
}
