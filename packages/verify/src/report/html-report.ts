import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exists, writeWhole } from '@provehouse/infra';
import type { AllureConfig } from 'allure';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import type { ResultsFolder } from '../results-folder.ts';
import { ENVIRONMENT_FILE } from './environment.ts';

/** Thrown when there are no results or Allure cannot make a report of them. */
export class ReportError extends ProvehouseError {
  override readonly name = 'ReportError';
}

/** Where a report's results are and where it goes. */
export type ReportFolder = Pick<ResultsFolder, 'allureResults' | 'history' | 'report'>;

const HISTORY_RUNS = 50;

/**
 * Makes one HTML file of the last run's results, with the trends of the runs before, and gives its path.
 * @throws ReportError
 */
export async function makeHtmlReport(results: ReportFolder): Promise<string> {
  const environment = await readEnvironment(results);
  const work = await mkdtemp(join(tmpdir(), 'provehouse-report-'));
  try {
    const config = join(work, 'allurerc.json');
    const history = join(work, 'history.jsonl');
    await copyFile(await historyBefore(results), history);
    await writeFile(config, JSON.stringify(allureConfig({ history }, environment)));
    const output = join(work, 'report');
    await generate(['generate', results.allureResults, '--config', config, '--output', output]);
    const html = withoutTracking(await readFile(join(output, 'index.html'), 'utf8'));
    await writeWhole(results.report, html);
    await copyFile(history, results.history);
    return results.report;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Allure's configuration (https://allurereport.org/docs/v3/configure/): trends over the runs, one page,
 * and categories that keep apart what is wrong, what could not be looked at and what does not apply.
 */
export function allureConfig(
  { history }: Pick<ReportFolder, 'history'>,
  environment: Record<string, string>,
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
          // Groups start closed when all is well: without them the first page says what was proven.
          groupBy: [],
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

async function generate(words: readonly string[]): Promise<void> {
  const allure = new URL('../cli.js', import.meta.resolve('allure')).pathname;
  const child = spawn(process.execPath, [allure, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0)
    throw new ReportError(`Allure ended with code ${String(code)}:\n${output}${errors}`);
}
