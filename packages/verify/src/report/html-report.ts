import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { exists, writeWhole } from '@provehouse/infra';
import type { Config as AllureConfig } from '@allurereport/plugin-api';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import type { ResultsFolder } from '../results-folder.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { keyOf } from '../by-pipeline.ts';
import { fullNameOf } from './check-allure.ts';
import { ENVIRONMENT_FILE } from './environment.ts';
import { withFirstPage } from './first-page/with-first-page.ts';
import { gatesOf, type JudgedTest } from './quality-gates.ts';

/** Thrown when there are no results or Allure cannot make a report of them. */
export class ReportError extends ProvehouseError {
  override readonly name = 'ReportError';
}

/** Where a report's results are and where it goes. */
export type ReportFolder = Pick<ResultsFolder, 'allureResults' | 'history' | 'report'>;

/** What a report on a run of checks has beside Allure's results. */
export interface ReportedRun {
  readonly run: VerifiedRun;
  /** Files that belong to the run as a whole. */
  readonly attachments: readonly string[];
}

const HISTORY_RUNS = 50;

/**
 * Makes one HTML file of the last run's results, with the trends of the runs before, and gives its
 * path. A run of checks has a page for those who decide in front of Allure's.
 * @throws ReportError
 */
export async function makeHtmlReport(
  results: ReportFolder,
  reported?: ReportedRun,
): Promise<string> {
  const environment = await readEnvironment(results);
  const work = await mkdtemp(join(tmpdir(), 'provehouse-report-'));
  try {
    const history = join(work, 'history.jsonl');
    await copyFile(await historyBefore(results), history);
    const config = allureConfig(
      { history },
      environment,
      reported === undefined ? [] : groupsOf(reported.run),
    );
    const output = join(work, 'report');
    const tests = await generate(config, results.allureResults, output, reported);
    const html = withoutTracking(await readFile(join(output, 'index.html'), 'utf8'));
    const pages = new Map(tests.map(({ verdict, id }) => [verdict, `#/${id}`]));
    await writeWhole(
      results.report,
      reported === undefined
        ? html
        : withFirstPage(html, reported.run, (verdict) => pages.get(keyOf(verdict))),
    );
    await copyFile(history, results.history);
    return results.report;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Allure's configuration (https://allurereport.org/docs/v3/configure/): trends over the runs, one page,
 * and categories that keep apart what is wrong, what could not be looked at and what does not apply.
 * @param groupBy labels by which results are grouped; groups start closed when all is well
 */
export function allureConfig(
  { history }: Pick<ReportFolder, 'history'>,
  environment: Record<string, string>,
  groupBy: string[] = [],
): AllureConfig {
  return {
    name: `Provehouse: ${environment['Platform'] ?? 'platform'}`,
    historyPath: history,
    historyLimit: HISTORY_RUNS,
    variables: environment,
    categories: [
      { name: 'Failed: not as it must be', matchers: { statuses: ['failed'] }, expand: true },
      { name: 'Inconclusive: the check could not run', matchers: { statuses: ['broken'] } },
      { name: 'Skipped: the platform cannot do it', matchers: { statuses: ['skipped'] } },
    ],
    plugins: {
      awesome: {
        options: {
          singleFile: true,
          reportLanguage: 'en',
          groupBy,
          defaultSortBy: 'status,asc',
          stepTreeExpansion: 'expanded',
          sections: ['charts', 'timeline'],
          charts: [
            { type: 'currentStatus', title: 'Verdicts' },
            { type: 'statusDynamics', title: 'Verdicts of the last runs' },
            { type: 'durationDynamics', title: 'Durations of the last runs' },
          ],
        },
      },
    },
  };
}

/** Labels of Allure by which results are grouped: area, and before it the pipeline where there are several. */
const groupsOf = ({ pipelines }: VerifiedRun): string[] =>
  pipelines === undefined ? ['feature'] : ['epic', 'feature'];

/** The page without the scripts that would tell somebody else that it is read. */
export function withoutTracking(html: string): string {
  return html
    .replaceAll(
      /<script\b[^>]*\bsrc="https:\/\/www\.googletagmanager\.com[^"]*"[^>]*>\s*<\/script>/g,
      '',
    )
    .replaceAll(
      /<script\b[^>]*>(?:(?!<\/script>)[\s\S])*?(?:dataLayer|gtag\()[\s\S]*?<\/script>/g,
      '',
    );
}

/**
 * The history without the last run, kept beside its results: a report that is made again of the same
 * run counts it once.
 */
async function historyBefore({ allureResults, history }: ReportFolder): Promise<string> {
  const before = join(allureResults, 'history-before.jsonl');
  if (!(await exists(before))) {
    if (await exists(history)) await copyFile(history, before);
    else await writeFile(before, '');
  }
  return before;
}

async function readEnvironment({ allureResults }: ReportFolder): Promise<Record<string, string>> {
  const file = join(allureResults, ENVIRONMENT_FILE);
  const json = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ReportError('There are no results to report. Run verify:e2e first.', { cause });
  });
  return z.record(z.string(), z.string()).parse(JSON.parse(json));
}

/** Makes Allure's report; gives the tests that stand for a check. @throws ReportError */
async function generate(
  config: AllureConfig,
  folder: string,
  output: string,
  reported: ReportedRun | undefined,
): Promise<readonly JudgedTest[]> {
  // It takes half a second to load, which no other command waits for.
  const { AllureReport, resolveConfig } = await import('@allurereport/core');
  const { PathResultFile } = await import('@allurereport/reader-api');
  try {
    const report = new AllureReport(await resolveConfig(config, { output }));
    await report.start();
    await report.readDirectory(folder);
    if (reported === undefined) {
      await report.done();
      return [];
    }
    for (const file of reported.attachments) {
      report.realtimeDispatcher.sendGlobalAttachment(new PathResultFile(file), basename(file));
    }
    const verdicts = new Map(
      reported.run.verdicts.map((verdict) => [fullNameOf(verdict), keyOf(verdict)] as const),
    );
    const tests = (await report.store.allTestResults()).flatMap(({ id, fullName = '' }) => {
      const verdict = verdicts.get(fullName);
      return verdict === undefined ? [] : [{ id, verdict }];
    });
    report.realtimeDispatcher.sendQualityGateResults(gatesOf(reported.run.verdicts, tests));
    await report.done();
    return tests;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ReportError(`Allure could not make the report: ${said}`, { cause });
  }
}
