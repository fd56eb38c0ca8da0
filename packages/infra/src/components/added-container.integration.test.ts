import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import axios from 'axios';
import { beforeEach, expect, test } from 'vitest';
import { containerPlatform, whyNoContainers } from '../../test/container-platform.ts';
import { GREETING, toy } from '../../test/toy-component/index.ts';
import { COMPONENTS } from './index.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

test('a component that only its descriptor and its module know runs in a container, is shown, and ends', async () => {
  await using platform = await containerPlatform([...COMPONENTS, toy]);
  const { runtime } = platform;
  const options = { without: ['airflow'], shards: 1, replicas: 1 } as const;
  const deployment = await runtime.up({ ...options, ports: platform.portsFor(options) });
  const status = (await runtime.status()).find(({ name }) => name === 'toy');
  expect(status).toMatchObject({ kind: 'toy', state: 'ready' });
  const { address = '', url = '' } = status ?? {};
  expect(url).toBe(`http://${address}`);
  expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);
  const container = `provehouse-${platform.name}-toy`;
  expect(deployment.components).toContainEqual({ name: 'toy', kind: 'toy', address, container });

  await runtime.restart('toy');
  expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);
  await runtime.down();
  expect((await platform.remains()).containers).toEqual([]);
  const terraform = await readdir(join(runtime.directory, 'terraform'));
  expect(terraform).toContain('component.toy.tf.json');
});
