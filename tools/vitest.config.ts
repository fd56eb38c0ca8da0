import { defineConfig } from 'vitest/config';

// Nx takes a second or two for each question that it is asked.
export default defineConfig({ test: { include: ['**/*.test.ts'], testTimeout: 60_000 } });
