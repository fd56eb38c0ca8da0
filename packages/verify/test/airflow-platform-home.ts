import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime } from '@provehouse/infra';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the platform with Airflow lives that the test files share. */
    airflowPlatformHome: string;
  }
}

export const PLATFORM = 'shared';

/** Gives the platform with Airflow a home; the first test that needs it starts it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-airflow-'));
  project.provide('airflowPlatformHome', home);
  return async () => {
    await nativeRuntime({ home, name: PLATFORM }).down({ purge: true });
    await rm(home, { recursive: true });
  };
}
