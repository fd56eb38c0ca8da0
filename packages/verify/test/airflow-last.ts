import { readFile } from 'node:fs/promises';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const STARTS_AIRFLOW = /start(Airflow|Drill)Platform\(/;

/**
 * Puts the files that share the platform with Airflow at the end of a run. It is started for the first of
 * them and taken down after the last file of all, and takes two fifths of a core while nothing asks it
 * anything: any other file between them would run beside that.
 */
export class AirflowLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const texts = await Promise.all(sorted.map(({ moduleId }) => readFile(moduleId, 'utf8')));
    const startsAirflow = (index: number): boolean => STARTS_AIRFLOW.test(texts[index] ?? '');
    return [
      ...sorted.filter((_, index) => !startsAirflow(index)),
      ...sorted.filter((_, index) => startsAirflow(index)),
    ];
  }
}
