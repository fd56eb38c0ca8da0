import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // Tests undo what they replace in their process: one for each file took most of the time.
    isolate: false,
    // Commands are started in tests, and on a busy machine each takes seconds.
    testTimeout: 60_000,
  },
});
