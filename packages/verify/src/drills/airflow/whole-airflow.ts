import type { DrillTarget } from '../drill-target.ts';

/** Why a drill that breaks Airflow cannot be run, if so. */
export const whyNoPipeline = ({ airflow, contract }: DrillTarget): string | undefined => {
  if (airflow === undefined) return 'the platform has no Airflow';
  return contract.pipeline === undefined ? 'the contract has no pipeline' : undefined;
};

/** The task of this project's pipeline that writes rows. */
export const LOAD_TASK = 'load_sample_data';
