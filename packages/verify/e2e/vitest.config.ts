import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { DEFAULT_TIMEOUT_SECONDS } from '../src/airflow/wait-for-run.ts';
import { resultListener } from '../src/report/result-listener.ts';
import { resultsFolder } from '../src/results-folder.ts';
import { readOptions } from './options.ts';

/** What may be left to do when neither the run nor its repetition has ended within its time. */
const FOR_THE_REST_SECONDS = 1_200;
const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = readOptions();
const longest = (2 * timeoutSeconds + FOR_THE_REST_SECONDS) * 1000;

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
    testTimeout: longest,
    hookTimeout: longest,
  },
});
