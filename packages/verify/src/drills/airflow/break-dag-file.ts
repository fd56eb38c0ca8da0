import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../verdict.ts';
import { comesTrue, proof } from '../component-state.ts';
import type { PipelineDrill } from '../drill.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

const FILE = 'provehouse_drill_broken.py';
/** Airflow parses only files in which it reads of itself and of DAGs. */
const BROKEN = 'from airflow.sdk import dag\nthis is not Python\n';

/** A file beside the pipeline's that is not Python. */
export const breakDagFile: PipelineDrill = {
  name: 'break-dag-file',
  title: 'A DAG file that cannot be parsed appears during a run, and goes',
  proves:
    'A broken file is reported as an import error, the other DAGs go on running, and the error goes with the file.',
  doesNotProve: "That a broken file of the running DAG's own is survived.",
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  recoverySeconds: 90,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault({ airflow, deployment }) {
    const path = join(deployment.airflow?.dagsFolder ?? '', FILE);
    const isReported = async (): Promise<boolean> =>
      ((await airflow?.importErrors()) ?? []).some(({ file }) => file.endsWith(FILE));
    return Promise.resolve({
      undo: [{ kind: 'file', path }],
      inject: () => writeFile(path, BROKEN),
      async prove() {
        const reported = await comesTrue(60, isReported);
        return proof(reported, `an import error of ${FILE}`, reported ? 'reported' : 'none');
      },
      async recovered(): Promise<Finding[]> {
        const gone = await comesTrue(60, async () => !(await isReported()));
        return [
          {
            status: gone ? 'passed' : 'failed',
            subject: 'the import error',
            expected: 'it goes with the file',
            observed: gone ? 'gone' : 'still reported after 60 s',
          },
        ];
      },
    });
  },
};
