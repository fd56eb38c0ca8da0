import { z } from 'zod';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { ANSWER_WITHIN_MS, SilentNodeError } from '../clickhouse/silent-node.ts';
import type { Finding } from '../verdict.ts';

const SQL = 'SELECT 1 AS one';
const oneRow = z.object({ one: z.coerce.number() });

/** Whether each node can be asked. The other checks leave out those that cannot. */
export const nodesAnswer: ClusterCheck = {
  name: 'nodes-answer',
  title: 'Every node answers',
  scope: 'cluster',
  proves:
    'Each node of the deployment answered the administrator, from the first question to the last. A node ' +
    'that does not answer is named here and asked nothing more; the other checks judge the nodes that ' +
    'answer, and say which they did not look at.',
  run: ({ cluster }) => Promise.all(cluster.nodes.map(judge)),
};

async function judge(client: NodeClient): Promise<Finding> {
  const { name, host, httpPort, answersAs } = client.node;
  const as = answersAs === undefined ? '' : ` as ${answersAs}, one of several nodes there`;
  const about = { node: name, expected: `an answer from ${host}:${httpPort}${as}`, sql: [SQL] };
  try {
    await client.query(SQL, oneRow, ANSWER_WITHIN_MS);
    return { ...about, status: 'passed', observed: 'it answers' };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const { message } =
      error instanceof SilentNodeError ? error : new SilentNodeError(client.node, error);
    return {
      ...about,
      status: 'failed',
      observed: message,
      reason: `Look whether ${name} runs and is not overloaded, and whether host and httpPort in the deployment are right. It was left out of the other checks.`,
    };
  }
}
