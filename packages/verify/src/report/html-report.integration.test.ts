import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOf, verdictOf } from '../../test/verified-run.ts';
import { resultsFolder, type ResultsFolder } from '../results-folder.ts';
import { fullNameOf } from './check-allure.ts';
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

test('a run of checks is opened at a page for those who decide, whose links lead to the results', async () => {
  await addResult();
  await writeFile(results.contract, 'version: 2');
  const run = runOf([verdictOf('replica-content', 'failed'), verdictOf('accounts', 'passed')]);
  const file = await makeHtmlReport(results, { run, attachments: [results.contract] });
  const html = await readFile(file, 'utf8');
  const [, page = '', allure = ''] =
    /<main id="first-page">([\s\S]*)<\/main>([\s\S]*)/.exec(html) ?? [];
  expect(page).toContain('1 check failed.');
  expect(page).toMatch(/<a href="#\/[\da-f]+">Title of replica-content<\/a>/);
  expect(page).toContain('Title of accounts');
  expect(widgetOf(allure, 'quality-gate')).toContain('ClickHouse: no check failed');
  expect(widgetOf(allure, 'globals')).toContain('contract.yaml');
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

/** What Allure's page is given for one of its parts, as JSON text. */
function widgetOf(html: string, name: string): string {
  const [, encoded = ''] = new RegExp(`"widgets/${name}\\.json", ?"([^"]*)"`).exec(html) ?? [];
  return Buffer.from(encoded, 'base64').toString();
}

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
    ...{
      uuid,
      name: 'Replicas hold the same rows',
      fullName: fullNameOf({ check: 'replica-content' }),
    },
    status: 'passed',
    ...{ stage: 'finished', start: 1000, stop: 1250, labels: [], steps: [] },
  };
  await writeFile(join(results.allureResults, `${uuid}-result.json`), JSON.stringify(result));
}
