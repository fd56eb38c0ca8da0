import { join } from 'node:path';
import { resultsFolder, type ResultsFolder } from '../results-folder.ts';
import type { TargetOptions } from '../target.ts';
import type { FaultJournal } from './fault-journal.ts';

/** Where the results of a platform's drills are: `<home>/<name>/verify/drills/`. */
export interface DrillsFolder extends Pick<
  ResultsFolder,
  'root' | 'allureResults' | 'report' | 'history'
> {
  /** The results of the last drills as JSON. */
  readonly results: string;
  /** What a drill that is not finished has broken. */
  readonly journal: FaultJournal;
}

export function drillsFolder(
  options: Pick<TargetOptions, 'home' | 'name' | 'deployment'>,
): DrillsFolder {
  const { root: verify } = resultsFolder(options);
  const root = join(verify, 'drills');
  return {
    root,
    allureResults: join(root, 'allure-results'),
    results: join(root, 'drills.json'),
    report: join(root, 'report.html'),
    // These outlive the results of one run.
    history: join(verify, 'drills-history.jsonl'),
    journal: { file: join(verify, 'drill-in-progress.json') },
  };
}
