import { rotateSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { docker } from '../src/docker/engine.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import type { UpOptions } from '../src/runtime.ts';
import { PASSWORD } from './consumers.ts';
import type { ContainerPlatform } from './container-platform.ts';
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
    const places = placesOf(platform, platform.portsFor(options));
    const before = await platform.secrets();
    expect(await logIn(places, before)).toEqual({ ...ACCEPTED, metabase: '[[1]]' });
    const after = changed(before);
    await writeSecrets(stateFolder(platform.home, platform.name).secretsFile, after, {
      force: true,
    });
    await platform.runtime.restartAll();
    expect(await logIn(places, after)).toEqual({ ...ACCEPTED, metabase: '[[1]]' });
    expect(await logIn(places, before)).toEqual({ ...REFUSED, metabase: 'refused' });
    expect((await platform.runtime.status()).map(({ state }) => state)).toEqual(
      expect.not.arrayContaining(['not answering']),
    );
  });
}
