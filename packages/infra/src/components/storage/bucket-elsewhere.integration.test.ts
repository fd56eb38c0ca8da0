import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../../../test/ask.ts';
import { freePorts } from '../../../test/free-ports.ts';
import { startS3Server } from '../../../test/s3-server.ts';
import { expectNothingLeft, temporaryPlatform } from '../../../test/temporary-platform.ts';
import { openBucket } from '../../services/bucket.ts';
import { firstOf } from '../../state/deployment.ts';

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

test('tables are in a bucket that somebody else runs, and what cannot be used is refused before a start', async () => {
  await using server = await startS3Server('outside', 'another');
  await using platform = await temporaryPlatform('elsewhere');
  const { runtime } = platform;
  const { endpoint, keys: storageKeys } = server;
  const storageEndpoint = `${endpoint}/outside/of-a-team`;
  const wish = { ...small, storage: 's3_ssd', storageEndpoint } as const;
  const refused = async (said: RegExp, more: Parameters<typeof runtime.up>[0]): Promise<void> => {
    await expect(runtime.up({ ...wish, storageKeys, ...more })).rejects.toThrow(said);
    expect(await runtime.status()).toEqual([]);
    expect(await platform.processes()).toEqual([]);
  };
  const { nobody } = await freePorts(['nobody']);
  await refused(/expected http\(s\):\/\/HOST/, { storageEndpoint: 'outside' });
  await refused(/expected --with storage or --storage s3_ssd with it/, { storage: 'local_ssd' });
  await refused(/does not answer: .*ECONNREFUSED/, {
    storageEndpoint: `http://127.0.0.1:${nobody}/outside`,
  });
  await refused(/The bucket absent at .*: there is none \(404\)/, {
    storageEndpoint: `${endpoint}/absent`,
  });
  const wrong = { ...storageKeys, secretKey: 'another key than the right one' };
  await refused(/^(?!.*another key).*the keys are refused \(403\)/, { storageKeys: wrong });
  await refused(/minio_root_password/, {
    storageKeys: { ...storageKeys, secretKey: 'short' },
  });
  // Those that were refused have not been kept.
  expect((await platform.secrets()).minio_root_password).not.toBe(wrong.secretKey);

  const first = await runtime.up({ ...wish, storageKeys });
  expect(first.storage).toMatchObject({
    ...{ endpoint, bucket: 'outside', prefix: 'of-a-team/', user: storageKeys.accessKey },
  });
  expect(first.components.map(({ name }) => name)).toEqual(['clickhouse-01']);
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  const query = (sql: string, { clickhouse } = first): Promise<string> =>
    ask(firstOf(clickhouse.nodes).httpPort, { user, password }, sql);
  await query('CREATE TABLE otus_default.kept (id UInt64) ENGINE = MergeTree ORDER BY id');
  await query('INSERT INTO otus_default.kept SELECT number FROM numbers(1000)');
  const rows = 'SELECT count(), sum(id) FROM otus_default.kept';
  expect(await query(rows)).toBe('1000\t499500');
  expect(await readdir(join(server.folder, 'outside'))).toEqual(['of-a-team']);
  expect(await readdir(join(server.folder, 'outside/of-a-team'))).toEqual(['clickhouse-01']);
  // The check object-storage asks for objects by the keys that the node names.
  const [key = '', size] = (
    await query('SELECT remote_path, size FROM system.remote_data_paths LIMIT 1')
  ).split('\t');
  expect(key).toMatch(/^of-a-team\/clickhouse-01\//);
  const { user: accessKey, ...place } = first.storage ?? { user: '' };
  const bucket = openBucket({
    ...{ endpoint, bucket: 'outside', region: 'us-east-1', ...place },
    ...{ accessKey, secretKey: storageKeys.secretKey },
  });
  expect(await bucket.sizeOf(key)).toBe(Number(size));
  const states = (await runtime.status()).map(({ name, state, url }) => [name, state, url]);
  expect(states).toContainEqual(['storage', 'ready', storageEndpoint]);
  await expect(runtime.up({ ...wish, storageKeys: wrong })).rejects.toThrow(/runs with other keys/);
  await expect(runtime.up({ storageEndpoint: `${endpoint}/another` })).rejects.toThrow(
    `storage endpoint ${storageEndpoint}, not ${endpoint}/another`,
  );
  await runtime.restartAll();
  await runtime.down();

  const otherData = /The data in .* kept as s3_ssd in .*\/outside\/of-a-team, not .*--purge/;
  await refused(otherData, { storageEndpoint: `${endpoint}/another` });
  await refused(otherData, { storageEndpoint: 'none' });
  const again = await runtime.up(small);
  await query('SYSTEM DROP FILESYSTEM CACHE', again);
  expect(await query(rows, again)).toBe('1000\t499500');
  await server.stop();
  const [status] = (await runtime.status()).filter(({ name }) => name === 'storage');
  expect(status).toMatchObject({
    state: 'not answering',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  await runtime.down();
  await refused(/does not answer/, small);
  await runtime.down({ purge: true });
  await expectNothingLeft(platform);
});

test('a module in a bucket elsewhere goes back to one of its own where no tables are in it', async () => {
  await using server = await startS3Server('outside');
  await using platform = await temporaryPlatform('elsewhere');
  const { runtime } = platform;
  const storageEndpoint = `${server.endpoint}/outside`;
  const wish = { ...small, with: ['storage'], storageEndpoint } as const;
  const first = await runtime.up({ ...wish, storageKeys: server.keys });
  expect(first.storage).toMatchObject({ bucket: 'outside' });
  await runtime.down();
  const own = await runtime.up({ ...small, storageEndpoint: 'none' });
  expect(own.storage).toMatchObject({ bucket: 'clickhouse', user: server.keys.accessKey });
  expect(own.components.map(({ name }) => name).sort()).toEqual(['clickhouse-01', 'storage']);
});
