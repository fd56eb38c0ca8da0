import { z } from 'zod';
import { connectNode, QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck } from '../check.ts';
import { tryLogins, type TryLogin } from './logins.ts';

export const access: ClusterCheck = {
  name: 'access',
  title: 'Only known accounts can log in over HTTP, with their passwords',
  scope: 'cluster',
  independentOfRun: true,
  security: true,
  proves:
    'On every node the administrator and the reader can log in with their passwords, and nobody can ' +
    'without one or with a wrong one, as default, or as an unknown user. It was asked from here: another ' +
    'address may be treated differently.',
  run: (context) => tryLogins(context, tryHttp),
};

const tryHttp: TryLogin = async ({ node }, account) => {
  const client = connectNode(node, account);
  try {
    await client.query('SELECT 1 AS one', z.object({ one: z.coerce.number() }));
    return undefined;
  } catch (error) {
    if (error instanceof QueryError && /^\d+$/.test(error.code ?? '')) return error.code;
    throw error;
  } finally {
    await client.close();
  }
};
