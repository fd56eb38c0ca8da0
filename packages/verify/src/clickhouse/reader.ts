import { connectNode, type Account } from '@provehouse/infra/clickhouse';
import type { ClusterContext } from '../check.ts';
import type { Finding } from '../verdict.ts';
import type { NodeClient } from './cluster.ts';

/** The reading account of a deployment, or the finding instead of a check of it. */
export type Reader = { readonly account: Account } | { readonly skipped: Finding };

/** Who reads the tables of a deployment and does nothing else. `expected` is what a check expects of the account. */
export function readerOf({ deployment, secrets }: ClusterContext, expected: string): Reader {
  const user = deployment.clickhouse.users.reader;
  const password = secrets['bi_user_password'];
  if (user !== undefined && password !== undefined) return { account: { user, password } };
  return {
    skipped: {
      status: 'skipped',
      expected,
      observed: user === undefined ? 'the deployment names no reader' : 'no password of the reader',
      reason: 'Name the reader in the deployment and put bi_user_password into the secrets file.',
    },
  };
}

/**
 * Does something as an account on a node. Its client sends no settings, as accounts with
 * `readonly = 1` must not.
 */
export async function asAccount<Value>(
  { node }: NodeClient,
  account: Account,
  act: (client: NodeClient) => Promise<Value>,
): Promise<Value> {
  const client = connectNode(node, account);
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
