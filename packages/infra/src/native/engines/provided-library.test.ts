import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineError } from '../../clickhouse/engine.ts';
import lock from './embedded-library/package-lock.json' with { type: 'json' };
import manifest from './embedded-library/package.json' with { type: 'json' };
import { embeddedLibrary, provideEmbeddedLibrary } from './provided-library.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'provehouse-library-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

test('what is in the cache already is found without installing anything', async () => {
  const library = embeddedLibrary(cache);
  await mkdir(dirname(library), { recursive: true });
  await writeFile(library, '');
  const onDownload = () => expect.unreachable('nothing is to be installed');
  expect(await provideEmbeddedLibrary({ cache, onDownload })).toBe(library);
});

test('without a registry the error says what to do, and nothing is left', async () => {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/');
  vi.stubEnv('npm_config_cache', join(cache, 'npm'));
  vi.stubEnv('npm_config_fetch_retries', '0');
  vi.stubEnv('npm_config_logs_max', '0');
  let downloads = 0;
  const provided = provideEmbeddedLibrary({ cache, onDownload: () => void (downloads += 1) });
  await expect(provided).rejects.toThrow(EngineError);
  await expect(provided).rejects.toThrow(
    /^The embedded ClickHouse engine \(@chdb\/lib-\S+\) cannot be had: npm error .*ECONNREFUSED.* use ClickHouse servers \(--engine server\)\.$/,
  );
  expect(downloads).toBe(1);
  expect((await readdir(cache)).filter((name) => name !== 'npm')).toEqual([]);
});

test('the lock has a sum for each package, which are the builds that can replicate', async () => {
  const builds: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, '../embedded_node/builds.json'), 'utf8'),
  );
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    expect(lock.packages).toHaveProperty([`node_modules/${name}`], {
      ...{ version, integrity: expect.stringMatching(/^sha512-/) },
      ...{ os: ['linux'], cpu: ['x64'], libc: ['glibc'], license: expect.any(String) },
    });
    expect(JSON.stringify(builds)).toContain(`"${name}@${version}"`);
  }
});
