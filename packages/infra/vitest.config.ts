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
          include: ['src/**/*.integration.test.ts'],
          // Platforms share the machine's two cores and its default ports.
          fileParallelism: false,
          // What has been done to a process shows a moment later, and a state takes a second to ask.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 360_000,
          hookTimeout: 360_000,
        },
      },
    ],
  },
});
