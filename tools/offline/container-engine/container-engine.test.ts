import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type EngineOptions, ensureContainerEngine } from './container-engine.ts';
import { DebianPackagesError } from './debian-packages.ts';
import { EngineStartError } from './own-engine.ts';

let folder: string;
let done: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-host-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  done = [];
});

/** Root on Debian in CI, without an engine; what is installed and started is noted only. */
const machine = (changes: Partial<EngineOptions> = {}): EngineOptions => ({
  environment: { CI: 'true' },
  usualHost: `unix://${folder}/docker.sock`,
  user: 0,
  isDebian: () => Promise.resolve(true),
  engines: () => Promise.resolve([]),
  install: (names) => {
    done.push(`install ${names[0]}`);
    return Promise.resolve();
  },
  start: () => {
    done.push('start');
    const stop = async (): Promise<void> => void done.push('stop');
    return Promise.resolve({ host: 'unix:///own.sock', pid: 1, folder: '/own', stop });
  },
  ...changes,
});

/** An engine that answers at the usual place. */
async function answer(): Promise<void> {
  const server = createServer((_, response) => response.end('OK')).listen(`${folder}/docker.sock`);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
}

it('leaves an engine as it is that answers at the usual place', async () => {
  await answer();
  expect(await ensureContainerEngine(machine())).toEqual({ state: 'running' });
  expect(done).toEqual([]);
});

it('leaves an engine as it is that answers where DOCKER_HOST says', async () => {
  await answer();
  const environment = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  const usualHost = 'unix:///nowhere.sock';
  const engine = await ensureContainerEngine(machine({ environment, usualHost }));
  expect(engine).toEqual({ state: 'running' });
});

it('installs and starts one where there is none, and stops it when asked to', async () => {
  const engine = await ensureContainerEngine(machine());
  expect(engine).toMatchObject({
    state: 'started',
    environment: { DOCKER_HOST: 'unix:///own.sock' },
  });
  if (engine.state === 'started') await engine.stop();
  expect(done).toEqual(['install docker.io', 'start', 'stop']);
});

it('uses the one that the package has started', async () => {
  const engine = await ensureContainerEngine(machine({ install: answer }));
  expect(engine).toEqual({ state: 'running' });
  expect(done).toEqual([]);
});

it.each<[string, Partial<EngineOptions>, string]>([
  ['not as root', { user: 1000 }, '(here: not root)'],
  ['not on Debian', { isDebian: () => Promise.resolve(false) }, '(here: not Debian)'],
  ['not outside of CI', { environment: {} }, '(here: CI is not true)'],
  ['not beside another', { engines: () => Promise.resolve(['42']) }, 'dockerd runs (process 42)'],
  [
    'not where another one is asked for',
    { environment: { CI: 'true', DOCKER_HOST: 'unix:///gone.sock' } },
    'DOCKER_HOST is set, but nothing answers at unix:///gone.sock',
  ],
])('starts none: %s', async (_, changes, reason) => {
  const engine = await ensureContainerEngine(machine(changes));
  expect(engine).toEqual({ state: 'absent', reason: expect.stringContaining(reason) });
  expect(done).toEqual([]);
});

it('fails when the engine should be there and cannot be installed', async () => {
  const cause = new DebianPackagesError('no such package');
  const attempt = ensureContainerEngine(machine({ install: () => Promise.reject(cause) }));
  await expect(attempt).rejects.toThrow(EngineStartError);
  await expect(attempt).rejects.toMatchObject({ cause });
});
