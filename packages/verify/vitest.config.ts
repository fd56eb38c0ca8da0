import { defineConfig } from 'vitest/config';
import { AirflowLast } from './test/airflow-last.ts';
import { ProvenChecks } from './test/proven-checks.ts';

/** Tests that break platforms; the others are of the checks. */
const DRILLS = ['src/drills/**/*.integration.test.ts', 'src/commands/drill.integration.test.ts'];
/** Tests of pipelines with modules, which have a platform with Airflow each. */
const PIPELINES = ['src/{api,files,kafka}.integration.test.ts'];

const onPlatforms = {
  // Clusters in containers are removed by the tests themselves.
  env: {
    TESTCONTAINERS_RYUK_DISABLED: process.env['TESTCONTAINERS_RYUK_DISABLED'] ?? 'true',
  },
  globalSetup: 'test/platform-homes.ts',
  // A platform needs the two cores that it has to answer in time.
  fileParallelism: false,
  // Each file ends what it has started, and loading all modules took two seconds a file.
  isolate: false,
  // What one node was given is heard by the others a moment later.
  expect: { poll: { timeout: 20_000 } },
  testTimeout: 360_000,
  hookTimeout: 360_000,
};

export default defineConfig({
  test: {
    reporters: [
      'default',
      ...(process.env['GITHUB_ACTIONS'] === 'true' ? ['github-actions'] : []),
      new ProvenChecks(),
    ],
    sequence: { sequencer: AirflowLast },
    projects: [
      {
        test: {
          name: 'unit',
          // Tests undo what they replace in their process: one for each file took most of the time.
          isolate: false,
          // On a busy machine what takes a second takes many.
          testTimeout: 60_000,
          include: ['src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        test: {
          ...onPlatforms,
          name: 'integration',
          setupFiles: 'test/record-verdicts.ts',
          include: ['src/**/*.integration.test.ts'],
          exclude: [...PIPELINES, ...DRILLS],
        },
      },
      { test: { ...onPlatforms, name: 'pipelines', include: PIPELINES } },
      { test: { ...onPlatforms, name: 'drills', include: DRILLS } },
    ],
  },
});
