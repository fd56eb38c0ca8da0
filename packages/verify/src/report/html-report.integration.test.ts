import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resultsFolder, type ResultsFolder } from '../results-folder.ts';
import { ENVIRONMENT_FILE } from './environment.ts';
import { makeHtmlReport } from './html-report.ts';

let home: string;
let results: ResultsFolder;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  results = resultsFolder({ home, name: 'local' });
});
afterEach(() => rm(home, { recursive: true }));

test('the report is one page that loads nothing from anywhere and tells nobody that it is read', async () => {
  await addResult();
  const html = await readFile(await makeHtmlReport(results), 'utf8');
  expect(html).toContain('Provehouse: local');
  expect(html).toContain('allureReportData');
  expect(html).not.toMatch(/googletagmanager|gtag\(/);
  expect(html).not.toMatch(/<(?:script|link|img)\b[^>]*\b(?:src|href)="(?:https?:)?\/\//);
});

test('each run adds one line to the history, however often its report is made', async () => {
  await addResult();
  await makeHtmlReport(results);
  await makeHtmlReport(results);
  expect(await runsInHistory()).toBe(1);
  await rm(results.allureResults, { recursive: true });
  await addResult();
  await makeHtmlReport(results);
  expect(await runsInHistory()).toBe(2);
});

async function runsInHistory(): Promise<number> {
  return (await readFile(results.history, 'utf8')).trim().split('\n').length;
}

/** Writes the results of a run of one check. */
async function addResult(): Promise<void> {
  await mkdir(results.allureResults, { recursive: true });
  const environment = JSON.stringify({ Platform: 'local' });
  await writeFile(join(results.allureResults, ENVIRONMENT_FILE), environment);
  const uuid = randomUUID();
  const result = {
    ...{ uuid, name: 'Replicas hold the same rows', fullName: 'replica-content', status: 'passed' },
    ...{ stage: 'finished', start: 1000, stop: 1250, labels: [], steps: [] },
  };
  await writeFile(join(results.allureResults, `${uuid}-result.json`), JSON.stringify(result));
}
