import { expect, test } from 'vitest';
import { resultsFolder } from './results-folder.ts';

test('results lie beside the deployment, whether it is meant by name or by file', () => {
  expect(resultsFolder({ home: '/home', name: 'local' }).report).toBe(
    '/home/local/verify/report.html',
  );
  expect(
    resultsFolder({ home: '/home', name: 'local', deployment: '/else/deployment.json' }).report,
  ).toBe('/else/verify/report.html');
});
