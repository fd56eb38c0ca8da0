import { dirname, join } from 'node:path';
import { secretsFile } from '@provehouse/secrets';
import type { TargetOptions } from './target.ts';

/** Where the results of a platform's verification are. */
export interface ResultsFolder {
  readonly root: string;
  /** Allure's results of the last run; the next one empties it. */
  readonly allureResults: string;
  /** The verdicts of the last run as JSON. */
  readonly verdicts: string;
  /** The contract that it was held against. */
  readonly contract: string;
  /** One line of JSON a run, for the report's trends. */
  readonly history: string;
  readonly report: string;
}

/** The folders beside the deployment: `<home>/<name>/verify/`. */
export function resultsFolder(
  options: Pick<TargetOptions, 'home' | 'name' | 'deployment'>,
): ResultsFolder {
  const platform = dirname(options.deployment ?? secretsFile(options.home, options.name));
  const root = join(platform, 'verify');
  return {
    root,
    allureResults: join(root, 'allure-results'),
    verdicts: join(root, 'verdicts.json'),
    contract: join(root, 'contract.yaml'),
    history: join(root, 'history.jsonl'),
    report: join(root, 'report.html'),
  };
}
