import { exists, readDeployment } from '@provehouse/infra';
import { Command } from 'commander';
import { makeHtmlReport, type ReportedRun } from '../report/html-report.ts';
import { resultsFolder, type ResultsFolder } from '../results-folder.ts';
import { readRun } from '../saved-run.ts';
import { deploymentFileOf, withTargetOptions, type TargetOptions } from '../target.ts';

/** The command that makes the HTML report of the last end-to-end run. */
export const report = withTargetOptions(
  new Command('report').description('Make the HTML report of the last end-to-end run.'),
)
  .addHelpText('after', '\nExit codes: 0 made, 2 could not be made.')
  .exitOverride()
  .action(async (options: TargetOptions) => {
    const results = resultsFolder(options);
    const file = await makeHtmlReport(results, await lastRun(results));
    const lines = [`Report:  ${file}`, ...(await addresses(options))];
    process.stdout.write(`${lines.join('\n')}\n`);
  });

/** The run that the results are of; none where the suite was ended before it had judged everything. */
async function lastRun({ verdicts, contract }: ResultsFolder): Promise<ReportedRun | undefined> {
  if (!(await exists(verdicts))) return undefined;
  return { run: await readRun(verdicts), attachments: [verdicts, contract] };
}

/** Where the platform's pages are, if it still runs. */
async function addresses(options: TargetOptions): Promise<string[]> {
  const deployment = await readDeployment(deploymentFileOf(options)).catch(() => undefined);
  const { airflow } = deployment ?? {};
  if (airflow === undefined) return [];
  return [
    `Airflow: ${airflow.url} (user ${airflow.user})`,
    `Flower:  ${airflow.flower.url} (user ${airflow.flower.user})`,
    `Passwords: ${deployment?.secretsFile ?? ''}`,
  ];
}
