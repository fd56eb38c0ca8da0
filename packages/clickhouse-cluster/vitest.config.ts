import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
          name: 'containers',
          include: ['{src,pack}/**/*.integration.test.ts'],
          globalSetup: 'test/engine.ts',
          // These tests prove that a cluster removes itself, without the reaper's help.
          env: {
            TESTCONTAINERS_RYUK_DISABLED: process.env['TESTCONTAINERS_RYUK_DISABLED'] ?? 'true',
          },
          // Clusters share the machine's cores; what they take to start is asserted.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
