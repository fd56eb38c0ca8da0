import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nativeRuntime, type Deployment, type Runtime, type UpOptions } from '@provehouse/infra';
import { AirflowSession, connectAirflow, type AirflowClient } from '@provehouse/infra/airflow';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { inject } from 'vitest';
import { z } from 'zod';
import type { ObservedRun } from '../src/airflow/observed-run.ts';
import { runPipeline } from '../src/airflow/run-pipeline.ts';
import type { PlatformContext } from '../src/check.ts';
import type { Cluster } from '../src/clickhouse/cluster.ts';
import { connectCluster } from '../src/clickhouse/connect-cluster.ts';
import type { Contract } from '../src/contract/contract.ts';
import { readContract } from '../src/contract/read-contract.ts';
import { PLATFORM } from './platform-homes.ts';
import { CONTRACT_FILE } from './test-cluster.ts';

const DAGS = join(import.meta.dirname, '../../etl-dags/dags');
const PIPELINE_FILE = 'hw16_data_loading_pipeline.py';

export type Pipeline = NonNullable<Contract['pipeline']>;

/** A real platform with Airflow and a DAGs folder of its own; a test undoes what it damages. */
export interface AirflowPlatform extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly deployment: Deployment;
  readonly secrets: Secrets;
  readonly contract: Contract;
  readonly pipeline: Pipeline;
  readonly cluster: Cluster;
  readonly airflow: AirflowClient;
  /** The pipeline's file in the DAGs folder of the platform. */
  readonly pipelineFile: string;
  /** Runs a pipeline, this project's own by default. */
  run(pipeline?: Pipeline): Promise<ObservedRun>;
  /** What a check is given after that run. */
  context(run: ObservedRun): PlatformContext;
  /** Puts a file into the DAGs folder until the end of the block. */
  addDag(name: string, text: string): Promise<AsyncDisposable>;
  /** A call of Airflow's API as its administrator. */
  request(method: string, path: string, data?: object): Promise<unknown>;
}

/**
 * The platform that all test files of a project share, with everything running and its own DAG.
 * @param options the same in all of them
 * @param others files of other DAGs that it has, too
 */
export async function startAirflowPlatform(
  options: UpOptions = {},
  others: readonly string[] = [],
): Promise<AirflowPlatform> {
  const home = inject('airflowPlatformHome');
  const dagsFolder = join(home, 'dags');
  const pipelineFile = join(dagsFolder, PIPELINE_FILE);
  for (const file of [PIPELINE_FILE, ...others]) await cp(join(DAGS, file), join(dagsFolder, file));
  const runtime = nativeRuntime({ home, name: PLATFORM });
  const deployment = await runtime.up({ ...options, dagsFolder });
  const secrets = await readSecrets(deployment.secretsFile);
  const airflow = connectAirflow(deployment, secrets);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const cluster = connectCluster(deployment, account);
  const contract = await readContract(CONTRACT_FILE);
  const { pipeline } = contract;
  if (pipeline === undefined) throw new TypeError(`${CONTRACT_FILE} has no pipeline`);
  return {
    ...{ runtime, deployment, secrets, contract, pipeline, cluster, airflow, pipelineFile },
    run: (other = pipeline) => runPipeline(airflow, other),
    context: (run) => ({
      ...{ deployment, secrets, cluster, airflow, run },
      // What is damaged here stays damaged: waiting would only take time.
      contract: { ...contract, replicas: { settleSeconds: 0 } },
      expectedRows: 100,
      parameters: run.parameters,
    }),
    async addDag(name, text) {
      const file = join(dagsFolder, name);
      await writeFile(file, text);
      return { [Symbol.asyncDispose]: () => rm(file) };
    },
    async request(method, path, data) {
      const session = new AirflowSession(deployment.airflow?.url ?? '', {
        username: secrets.airflow_admin_user,
        password: secrets.airflow_admin_password,
      });
      return session.request({ method, url: `/api/v2${path}`, data }, z.unknown());
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
