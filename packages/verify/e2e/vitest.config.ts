import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { resultListener } from '../src/report/result-listener.ts';
import { resultsFolder } from '../src/results-folder.ts';
import { readOptions } from './options.ts';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['end-to-end.e2e.ts'],
    setupFiles: ['allure-vitest/setup'],
    reporters: [
      join(import.meta.dirname, 'progress-reporter.ts'),
      [
        'allure-vitest/reporter',
        {
          resultsDir: resultsFolder(readOptions()).allureResults,
          listeners: [resultListener],
          // A step for each call of expect() would only repeat the verdict.
          reportMatchers: false,
        },
      ],
    ],
    // One file: a thread starts half a second sooner than a process.
    pool: 'threads',
    // The run of the pipeline and its repetition may load many rows.
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
