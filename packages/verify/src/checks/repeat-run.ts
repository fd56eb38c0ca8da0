import { connectFlower } from '@provehouse/infra/airflow';
import type { ObservedRun } from '../airflow/observed-run.ts';
import { waitForRun } from '../airflow/wait-for-run.ts';
import type { PlatformCheck, PlatformContext } from '../check.ts';
import { tableContent, type TableContent } from '../clickhouse/table-content.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { NO_PIPELINE } from './no-pipeline.ts';

interface NodeContent {
  readonly table: LocalTable;
  readonly node: string;
  readonly content: TableContent;
}

/**
 * A second run with the same parameters leaves the same rows. The run rewrites the tables while it
 * goes on: run this check alone, after all that read them.
 */
export const repeatRun: PlatformCheck = {
  name: 'repeat-run',
  title: 'A second run changes no content',
  scope: 'platform',
  proves:
    'After another run with the same parameters each node has as many rows as before with the same sum ' +
    'of hashes over all columns: nothing was doubled, lost or changed. It does not prove that a run ' +
    'that is cut off can be repeated.',
  async run(context) {
    const { airflow, contract, run } = context;
    const { pipeline } = contract;
    if (pipeline === undefined) return [NO_PIPELINE];
    const dag = await airflow.dag(pipeline.dag);
    const conf = sameConf(run, dag?.parameters ?? []);
    const before = await contents(context);
    const { dagId, runId } = await airflow.trigger(pipeline.dag, conf);
    const repeated = await waitForRun(
      airflow,
      { dagId, runId },
      {
        flower: connectFlower(context.deployment, context.secrets),
        ...(context.runTimeoutSeconds && { timeoutSeconds: context.runTimeoutSeconds }),
      },
    );
    const outcome: Finding = {
      status: repeated.state === 'success' ? 'passed' : 'failed',
      subject: 'second run',
      expected: `success with ${JSON.stringify(conf)}`,
      observed: repeated.state,
    };
    const compared = await settle(contract.replicas.settleSeconds, async () =>
      compare(before, await contents(context)),
    );
    return [outcome, ...compared];
  },
};

/**
 * The conf that leaves nothing to a default that may have changed since, such as a date of today:
 * what the run says it used, under what its conf sets.
 */
function sameConf(run: ObservedRun, parameters: readonly string[]): Record<string, unknown> {
  const used = Object.entries(run.parameters).filter(([name]) => parameters.includes(name));
  const set = Object.entries(run.conf).filter(([, value]) => value !== null);
  return Object.fromEntries([...used, ...set]);
}

async function contents({
  cluster,
  contract,
  deployment,
}: PlatformContext): Promise<readonly NodeContent[]> {
  return Promise.all(
    localTables(contract).flatMap((table) =>
      cluster.nodes.map(async (client) => ({
        table,
        node: client.node.name,
        content: await tableContent(client, deployment, table),
      })),
    ),
  );
}

const compare = (before: readonly NodeContent[], after: readonly NodeContent[]): Finding[] =>
  before.map(({ table, node, content }) => {
    const now = after.find((other) => other.table.name === table.name && other.node === node);
    const same = now?.content.rows === content.rows && now.content.hash === content.hash;
    return {
      status: same ? 'passed' : 'failed',
      subject: table.name,
      node,
      expected: shown(content),
      observed: now === undefined ? 'nothing' : shown(now.content),
      sql: [content.sql],
    };
  });

const shown = ({ rows, hash }: TableContent): string => `${rows} rows, content ${hash}`;
