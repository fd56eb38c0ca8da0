import { randomBytes } from 'node:crypto';
import type { Account } from '@provehouse/infra/clickhouse';
import type { ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

/** A login that is tried, and whether it must be accepted. */
interface Login {
  readonly what: string;
  readonly account: Account;
  readonly allowed: boolean;
}

/**
 * Tries an account at a node and gives ClickHouse's error code of the refusal, or undefined when it
 * was accepted.
 * @throws QueryError when the node did not answer
 */
export type TryLogin = (client: NodeClient, account: Account) => Promise<string | undefined>;

/**
 * What a refused login gives: UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, IP_ADDRESS_NOT_ALLOWED
 * of older servers, AUTHENTICATION_FAILED of newer ones.
 * Source: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
 */
const REFUSALS = ['192', '193', '194', '195', '516'];
/**
 * The embedded engine keeps the only session that `default` may have, so that anybody else gets
 * USER_SESSION_LIMIT_EXCEEDED.
 */
const EMBEDDED_REFUSALS = [...REFUSALS, '700'];

/** Tries at every node whom it must accept and whom it must not: a finding for each node. */
export async function tryLogins(
  context: ClusterContext,
  tryLogin: TryLogin,
): Promise<readonly Finding[]> {
  if (context.secrets['super_user_token'] !== undefined) return [WITH_TOKEN];
  const logins = loginsOf(context);
  const refusals = context.deployment.engine === 'chdb' ? EMBEDDED_REFUSALS : REFUSALS;
  const { answers, silent } = await askNodes(context.cluster.nodes, async (client) => {
    const rows: { login: string; expected: string; observed: string }[] = [];
    for (const { what, account, allowed } of logins) {
      const code = await tryLogin(client, account);
      const observed =
        code === undefined
          ? 'accepted'
          : refusals.includes(code)
            ? `refused, error ${code}`
            : `error ${code}`;
      rows.push({ login: what, expected: allowed ? 'accepted' : 'refused', observed });
    }
    return rows;
  });
  const findings = answers.map(({ node, value }): Finding => {
    const wrong = value.filter(({ expected, observed }) => !observed.startsWith(expected));
    const said = (rows: typeof value) => rows.map((r) => `${r.login}: ${r.observed}`).join('; ');
    return {
      // Neither accepted nor refused, such as for lack of memory, says nothing of who may log in.
      status:
        wrong.length === 0
          ? 'passed'
          : wrong.every(({ observed }) => observed.startsWith('error'))
            ? 'inconclusive'
            : 'failed',
      node,
      expected: value.map((r) => `${r.login}: ${r.expected}`).join('; '),
      observed: said(wrong.length === 0 ? value : wrong),
      ...(wrong.length > 0 && {
        reason: `Correct the users and their networks on ${node}, or the passwords in the secrets file.`,
      }),
      evidence: [evidence('Logins tried', value)],
    };
  });
  return [...findings, ...silent];
}

const WITH_TOKEN: Finding = {
  status: 'skipped',
  expected: 'accounts with passwords',
  observed: 'a bearer token',
  reason: 'What asks has a token and no password: which passwords are accepted was not tried.',
};

function loginsOf({ deployment: { clickhouse }, secrets }: ClusterContext): Login[] {
  const { administrator, reader } = clickhouse.users;
  const readerPassword = secrets['bi_user_password'];
  const wrongPassword = (): string => randomBytes(12).toString('hex');
  const login = (what: string, user: string, password: string, allowed = false): Login => ({
    what,
    account: { user, password },
    allowed,
  });
  return [
    login('administrator', administrator, secrets['super_user_password'] ?? '', true),
    login('administrator with a wrong password', administrator, wrongPassword()),
    login('administrator without a password', administrator, ''),
    ...(reader === undefined
      ? []
      : [
          ...(readerPassword === undefined ? [] : [login('reader', reader, readerPassword, true)]),
          login('reader with a wrong password', reader, wrongPassword()),
          login('reader without a password', reader, ''),
        ]),
    login('default without a password', 'default', ''),
    login('nobody known', `nobody_${wrongPassword()}`, wrongPassword()),
  ];
}
