import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          // Clusters in containers are removed by the tests themselves.
          env: {
            TESTCONTAINERS_RYUK_DISABLED: process.env['TESTCONTAINERS_RYUK_DISABLED'] ?? 'true',
          },
          include: ['src/**/*.integration.test.ts'],
          globalSetup: 'test/airflow-platform-home.ts',
          // Platforms share the machine's two cores and its default ports.
          fileParallelism: false,
          // What one node was given is heard by the others a moment later.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 360_000,
          hookTimeout: 360_000,
        },
      },
    ],
  },
});
