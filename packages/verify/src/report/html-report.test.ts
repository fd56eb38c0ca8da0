import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resultsFolder } from '../results-folder.ts';
import { allureConfig, makeHtmlReport, ReportError, withoutTracking } from './html-report.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(home, { recursive: true }));

test('scripts that report the reading to others are taken out, all others stay', () => {
  const page = `<head>
    <script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
    <script>
      window.dataLayer = window.dataLayer || [];
      function gtag() { dataLayer.push(arguments); }
      gtag('config', 'G-1');
    </script>
    <script>window.allureReportData = {};</script>
  </head>`;
  const clean = withoutTracking(page);
  expect(clean).not.toMatch(/googletagmanager|dataLayer|gtag/);
  expect(clean).toContain('window.allureReportData = {};');
});

test('without results there is an error that says how to get some', async () => {
  const results = resultsFolder({ home, name: 'local' });
  await expect(makeHtmlReport(results)).rejects.toThrow(ReportError);
  await expect(makeHtmlReport(results)).rejects.toThrow(/verify:e2e/);
});

test('the report has what the platform is, trends, and keeps apart wrong and not looked at', () => {
  const config = allureConfig({ history: '/h.jsonl' }, { Platform: 'local', ClickHouse: '26.7' });
  expect(config.name).toBe('Provehouse: local');
  expect(config.historyPath).toBe('/h.jsonl');
  expect(config.variables).toEqual({ Platform: 'local', ClickHouse: '26.7' });
  expect(config.categories).toHaveLength(3);
});
