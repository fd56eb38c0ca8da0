import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askCoordinator } from '../../clickhouse/coordination.ts';
import { JMX_METRICS, provideJmxAgent, withJmxAgent } from '../jmx/jmx-agent.ts';
import { findPrograms } from '../programs.ts';
import { provideZookeeper, type ZookeeperSources } from './provided-zookeeper.ts';

const { python } = await findPrograms();
const TAMPERED = 'not the jar that was locked';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-zookeeper-'));
});
afterEach(() => rm(folder, { recursive: true }));

const sources = (repository?: string): ZookeeperSources => ({
  ...{ python, cache: join(folder, 'cache'), onDownload: () => undefined },
  ...(repository !== undefined && { repository }),
});

const addressOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** A Maven repository on this machine that answers every request alike. */
async function repository(status: number, body: string) {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: addressOf(server),
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}

async function closedPort(): Promise<number> {
  await using server = await repository(404, '');
  return Number(new URL(server.address).port);
}

test('the jars are downloaded once, and start a ZooKeeper with no Java on PATH', async () => {
  let downloads = 0;
  const wish = { ...sources(), onDownload: () => void (downloads += 1) };
  const command = await provideZookeeper(wish);
  expect(await provideZookeeper(wish)).toEqual(command);
  expect(downloads).toBe(1);
  expect(command[1]).toMatch(/^-XX:AOTCache=.*classes\.aot$/);
  const port = await closedPort();
  const config = join(folder, 'zoo.cfg');
  await writeFile(
    config,
    [
      ...[`dataDir=${join(folder, 'data')}`, `clientPort=${port}`, 'clientPortAddress=127.0.0.1'],
      ...['admin.enableServer=false', '4lw.commands.whitelist=mntr'],
    ].join('\n'),
  );
  // Java itself says when it cannot use the classes that were linked before, with the agent as without.
  const agent = {
    ...{ jar: await provideJmxAgent(wish), metrics: JMX_METRICS.zookeeper },
    address: { host: '127.0.0.1', port: await closedPort() },
  };
  const [java = '', ...words] = withJmxAgent(command.toSpliced(1, 0, '-XX:AOTMode=on'), agent);
  const child = spawn(java, [...words, config], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  const log = text(child.stdout);
  const ended = once(child, 'exit');
  try {
    await expect
      .poll(() => askCoordinator({ host: '127.0.0.1', port }).catch(String), { timeout: 30_000 })
      .toMatchObject({ role: 'standalone' });
    const metrics = await fetch(`http://127.0.0.1:${agent.address.port}/metrics`);
    expect(await metrics.text()).toContain('\nzookeeper_role 3.0\n');
  } finally {
    child.kill();
    await ended;
  }
  expect(await log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ \[main\] INFO QuorumPeerConfig - /m);
  expect(await log).not.toContain('DEBUG');
});

test('jars that are not those of the lock are refused by name and sum, and none is kept', async () => {
  await using server = await repository(200, TAMPERED);
  const provided = provideZookeeper(sources(server.address));
  const sum = createHash('sha256').update(TAMPERED).digest('hex');
  await expect(provided).rejects.toThrow(
    new RegExp(`expected commons-io\\S+\\.jar with the SHA-256 [0-9a-f]{64}, found ${sum}`),
  );
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});

test('a repository that has not the jars is named', async () => {
  await using server = await repository(404, '');
  const provided = provideZookeeper(sources(server.address));
  await expect(provided).rejects.toThrow(
    /expected commons-io\S+\.jar .* not found in .*127\.0\.0\.1/,
  );
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});

test('where no repository is reached, the error says so and what to do', async () => {
  const provided = provideZookeeper(sources(`http://127.0.0.1:${await closedPort()}`));
  await expect(provided).rejects.toMatchObject({
    name: 'EngineError',
    message: expect.stringMatching(
      /Connection refused.*Start once where Maven Central is reached.*PROVEHOUSE_MAVEN_REPOSITORY.*--coordination/,
    ),
  });
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});
