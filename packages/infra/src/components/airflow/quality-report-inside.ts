import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { FetchedFiles } from '../container-side.ts';
import { nodeFolderInside } from './node-inside.ts';
import { packedProgram } from './packed-program.ts';

/** Folder below the platform's data with what runs of `quality_report` leave for the next ones; Terraform has it, too. */
export const REPORTS_FOLDER = 'quality-report';

/** What the DAG `quality_report` needs of Airflow's containers; Terraform's module has the paths, too. */
export const reportEnvironment = ({
  modules,
}: Pick<ContainerPlan, 'modules'>): Readonly<Record<string, string>> => ({
  PROVEHOUSE_PROGRAM: '/opt/provehouse/node/node /opt/provehouse/provehouse.mjs',
  ...(modules.includes('monitoring') && { PROVEHOUSE_VERDICTS: '/opt/provehouse/verdicts' }),
});

/** The file that it runs. */
export const reportProgram: FetchedFiles = { 'airflow/provehouse.mjs': packedProgram };

/** What Terraform has to know for it. */
export const reportVariables = () => ({ node_folder: nodeFolderInside() });
