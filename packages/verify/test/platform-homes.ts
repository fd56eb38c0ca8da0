import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime } from '@provehouse/infra';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the platform with Airflow lives that the test files share. */
    airflowPlatformHome: string;
    /** Where the cluster without Airflow lives that they share. */
    testClusterHome: string;
  }
}

export const PLATFORM = 'shared';

/** Gives what test files share a home each; the first test that needs one of them starts it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-shared-'));
  const homes = {
    airflowPlatformHome: join(home, 'airflow'),
    testClusterHome: join(home, 'cluster'),
  };
  project.provide('airflowPlatformHome', homes.airflowPlatformHome);
  project.provide('testClusterHome', homes.testClusterHome);
  return async () => {
    await Promise.all(
      Object.values(homes).map((one) =>
        nativeRuntime({ home: one, name: PLATFORM }).down({ purge: true }),
      ),
    );
    await rm(home, { recursive: true });
  };
}
