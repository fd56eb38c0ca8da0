import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { expect } from 'vitest';
import { COMPONENTS } from '../src/components/index.ts';
import { nativeRuntime } from '../src/native/native-runtime.ts';
import { processesOf } from '../src/system/processes.ts';
import type { Runtime } from '../src/runtime.ts';

/** A platform in a folder of its own, which is gone when the test has ended, however it ended. */
export interface TemporaryPlatform extends AsyncDisposable {
  readonly home: string;
  readonly runtime: Runtime;
  secrets(): Promise<Secrets>;
  /** The pids of the platform's processes. */
  processes(): Promise<number[]>;
}

export async function temporaryPlatform(
  name = 'test',
  components = COMPONENTS,
): Promise<TemporaryPlatform> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  const runtime = nativeRuntime({ home, name, components });
  return {
    home,
    runtime,
    secrets: () => readSecrets(join(runtime.directory, 'secrets.env')),
    processes: () => processesOf(runtime.directory, 'any'),
    async [Symbol.asyncDispose]() {
      await runtime.down({ purge: true });
      await rm(home, { recursive: true });
    },
  };
}

/** Expects that nothing of the platform is left but what its owner keeps: data, logs, secrets. */
export async function expectNothingLeft(platform: TemporaryPlatform): Promise<void> {
  expect(await platform.processes()).toEqual([]);
  const left = (await readdir(platform.runtime.directory)).sort();
  expect(left.filter((name) => !['data', 'logs', 'secrets.env'].includes(name))).toEqual([]);
}
