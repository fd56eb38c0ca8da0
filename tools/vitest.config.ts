import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.acceptance.test.ts'],
          // Nx takes a second or two for each question that it is asked.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['**/*.acceptance.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
