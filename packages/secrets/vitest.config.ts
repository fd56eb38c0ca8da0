import { defineConfig } from 'vitest/config';

// Commands are started in tests, and on a busy machine each takes seconds.
export default defineConfig({ test: { include: ['src/**/*.test.ts'], testTimeout: 60_000 } });
