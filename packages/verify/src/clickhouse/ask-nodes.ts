import { QueryError } from '@provehouse/infra/clickhouse';
import type { Finding } from '../verdict.ts';
import type { NodeClient } from './cluster.ts';
import { notLookedAt, SilentNodeError } from './silent-node.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** What one node said. */
export interface Answer<Value> {
  readonly client: NodeClient;
  readonly node: string;
  readonly value: Value;
}

/** What the nodes said, and a finding for each node that could not be asked. */
export interface Answers<Value> {
  readonly answers: readonly Answer<Value>[];
  readonly silent: readonly Finding[];
}

/**
 * Asks nodes side by side. A node that cannot tell makes an inconclusive finding, so that the others
 * are judged all the same; one that is known not to answer at all is left out, which is said as well.
 */
export async function askNodes<Value>(
  nodes: readonly NodeClient[],
  ask: (client: NodeClient) => Promise<Value>,
): Promise<Answers<Value>> {
  const answers: Answer<Value>[] = [];
  const silent: Finding[] = [];
  const attempt = async (client: NodeClient): Promise<Answer<Value> | Finding> => {
    const node = client.node.name;
    try {
      return { client, node, value: await unlessAborted(client.silence, () => ask(client)) };
    } catch (error) {
      if (error instanceof SilentNodeError) return notLookedAt(error);
      if (!(error instanceof QueryError)) throw error;
      return {
        status: 'inconclusive',
        node,
        expected: 'an answer from the node',
        observed: error.message,
        reason: 'Correct what the error names and run the check again.',
      };
    }
  };
  for (const outcome of await Promise.all(nodes.map(attempt))) {
    if ('status' in outcome) silent.push(outcome);
    else answers.push(outcome);
  }
  return { answers, silent };
}
