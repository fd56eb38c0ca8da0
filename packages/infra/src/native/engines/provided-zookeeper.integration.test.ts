import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askCoordinator } from '../../coordination.ts';
import { findPrograms } from '../programs.ts';
import { provideZookeeper } from './provided-zookeeper.ts';

const { python } = await findPrograms();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-zookeeper-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const lockFile = join(import.meta.dirname, '../zookeeper/zookeeper.lock.json');

test('the jars are provided once, and start a ZooKeeper that needs no Java on PATH', async () => {
  const downloads: string[] = [];
  const sources = { python, cache: folder, onDownload: () => void downloads.push('once') };
  const command = await provideZookeeper(sources);
  expect(await provideZookeeper(sources)).toEqual(command);
  expect(downloads).toEqual(['once']);
  const port = await freePort();
  const config = join(folder, 'zoo.cfg');
  await writeFile(
    config,
    [
      `dataDir=${folder}/data`,
      `clientPort=${port}`,
      ...['clientPortAddress=127.0.0.1', 'admin.enableServer=false'],
      '4lw.commands.whitelist=mntr',
    ].join('\n'),
  );
  const [java = '', ...words] = command;
  const child = spawn(java, [...words, config], { stdio: 'ignore', env: {} });
  try {
    await expect
      .poll(() => askCoordinator({ host: '127.0.0.1', port }).catch(() => undefined), {
        timeout: 30_000,
      })
      .toMatchObject({ role: 'standalone' });
  } finally {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  }
});

test('a jar whose sum is not that of the lock is refused by name, and nothing is kept', async () => {
  const lock = join(folder, 'lock.json');
  const text = await readFile(lockFile, 'utf8');
  const { sha256 } = JSON.parse(text) as { sha256: Record<string, string> };
  const [name = '', sum = ''] = Object.entries(sha256).find(([jar]) => /^zookeeper-3/.test(jar))!;
  const other = sum.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  await writeFile(lock, text.replace(sum, other));
  const cache = join(folder, 'cache');
  const provided = provideZookeeper({ python, cache, lock, onDownload: () => undefined });
  await expect(provided).rejects.toThrow(`${name}: expected SHA-256 ${other}, found ${sum}`);
  expect(await readdir(cache)).toEqual([]);
});

test('a jar that cannot be downloaded is said with what to do', async () => {
  const lock = join(folder, 'lock.json');
  const text = await readFile(lockFile, 'utf8');
  await writeFile(lock, text.replaceAll(':3.9.5"', ':3.9.99999"'));
  const provided = provideZookeeper({ python, cache: folder, lock, onDownload: () => undefined });
  await expect(provided).rejects.toThrow(/cannot be had: .*3\.9\.99999.*--coordination/);
});

test('an environment without Java is said with what installs it', async () => {
  const provided = provideZookeeper({
    ...{ python: join(folder, 'bin/python'), cache: folder },
    onDownload: () => undefined,
  });
  await expect(provided).rejects.toThrow(/expected Java.*etl-dags:install/i);
});
