import { z } from 'zod';
import type { ClusterCheck } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

/** One way of logging in or, with newer servers, several. */
const userSchema = z.object({
  name: z.string(),
  auth_type: z.union([z.string().transform((type) => [type]), z.array(z.string())]),
});

const SQL = 'SELECT name, auth_type FROM system.users ORDER BY name';
/** `plaintext_password` is also what an empty password in a configuration file is. */
const OPEN = ['no_password', 'no_authentication', 'plaintext_password'];

export const accounts: ClusterCheck = {
  name: 'accounts',
  title: 'No account is unknown, or without a hashed password',
  scope: 'cluster',
  independentOfRun: true,
  security: true,
  proves:
    'On every node each user has a password that is stored as a hash, or another proof of identity, ' +
    'and a platform of this project has no users but its own.',
  async run({ deployment: { clickhouse, engine, runtime, monitoring }, cluster }) {
    const { administrator, reader } = clickhouse.users;
    // The embedded engine itself is this user; that nobody else can be it, the check access shows.
    const embedded = engine === 'chdb' ? ['default'] : [];
    const optional = [reader, monitoring?.user].filter((name) => name !== undefined);
    const known = [administrator, ...optional, ...embedded];
    const { answers, silent } = await askNodes(cluster.nodes, async (client) =>
      (await hasSystemTable(client, 'users')) ? client.query(SQL, userSchema) : undefined,
    );
    const findings = answers.map(({ node, value: users }): Finding => {
      const expected =
        runtime === 'external'
          ? 'a hashed password for every user'
          : `no users but ${known.join(', ')}, each with a hashed password`;
      if (users === undefined) {
        const reason = 'A server of this version does not show its users.';
        return { status: 'skipped', node, expected, observed: 'no table system.users', reason };
      }
      const open = users.filter(
        ({ name, auth_type }) =>
          !embedded.includes(name) && auth_type.some((type) => OPEN.includes(type)),
      );
      const strange = runtime === 'external' ? [] : users.filter((u) => !known.includes(u.name));
      const faults = [
        ...open.map(({ name, auth_type }) => `${name} has ${auth_type.join(', ')}`),
        ...strange.map(({ name }) => `${name} is not known`),
      ];
      return {
        status: faults.length === 0 ? 'passed' : 'failed',
        node,
        expected,
        observed: faults.join('; ') || users.map(({ name }) => name).join(', '),
        ...(faults.length > 0 && {
          reason: `Remove the user on ${node}, or give it password_sha256_hex.`,
        }),
        evidence: [
          evidence(
            'system.users',
            users.map(({ name, auth_type }) => ({ name, auth_type: auth_type.join(', ') })),
          ),
        ],
        sql: [SQL],
      };
    });
    return [...findings, ...silent];
  },
};
