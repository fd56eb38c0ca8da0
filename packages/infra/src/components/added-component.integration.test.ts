import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import axios from 'axios';
import { expect, test } from 'vitest';
import { freePorts } from '../../test/free-ports.ts';
import { expectNothingLeft, temporaryPlatform } from '../../test/temporary-platform.ts';
import { GREETING, toy } from '../../test/toy-component/index.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { COMPONENTS } from './index.ts';

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

test('a component that only its descriptor knows runs, is shown, restarts and ends like the others', async () => {
  await using platform = await temporaryPlatform('toys', [...COMPONENTS, toy]);
  const { runtime } = platform;
  const deployment = await runtime.up(small);
  const status = (await runtime.status()).find(({ name }) => name === 'toy');
  expect(status).toMatchObject({ kind: 'toy', state: 'ready' });
  const { address = '', url = '' } = status ?? {};
  expect(url).toBe(`http://${address}`);
  expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);

  const log = join(runtime.directory, 'logs/toy.log');
  expect(deployment.components).toContainEqual({ name: 'toy', kind: 'toy', address, log });
  expect(await readDeployment(join(runtime.directory, 'deployment.json'))).toEqual(deployment);
  const plan = JSON.parse(await readFile(join(runtime.directory, 'run/plan.json'), 'utf8'));
  expect(plan.ports.toy).toBe(Number(address.split(':').at(-1)));
  const [program = '', ...words] = await runtime.logCommand('toy', { lines: 100, follow: false });
  const { stdout } = await promisify(execFile)(program, words);
  expect(stdout).toContain('"GET / HTTP/1.1" 200');

  await runtime.kill('toy');
  expect((await runtime.status()).find(({ name }) => name === 'toy')?.state).not.toBe('ready');
  // Only what does not run is started.
  expect((await runtime.up(small)).components).toEqual(deployment.components);
  await runtime.restart('toy');
  expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);

  await runtime.down();
  await expectNothingLeft(platform);
  await expect(axios.get(url, { proxy: false })).rejects.toThrow(/ECONNREFUSED/);
});

test('its port can be set, and platforms that do not know it are without it', async () => {
  await using platform = await temporaryPlatform('toys', [...COMPONENTS, toy]);
  const ports = await freePorts(['toy']);
  const { components } = await platform.runtime.up({ ...small, ports });
  expect(components.find(({ name }) => name === 'toy')?.address).toBe(`127.0.0.1:${ports.toy}`);
  await platform.runtime.down();

  await using plain = await temporaryPlatform('plain');
  const other = await plain.runtime.up(small);
  expect(other.components.map(({ name }) => name)).toEqual(['clickhouse-01']);
});
