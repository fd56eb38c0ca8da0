import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import {
  connectNode,
  QueryError,
  tableName,
  type Account,
  type NodeClient,
} from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { localTables } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/** READONLY, DATABASE_ACCESS_DENIED, ACCESS_DENIED: the account is not allowed to do it. */
const DENIED = ['164', '291', '497'];
const UNKNOWN_TABLE = '60';
/** What others ask, who they are and what the server writes down of them. */
const PRIVATE_TABLES = [
  'processes',
  'query_log',
  'query_thread_log',
  'session_log',
  'text_log',
  'users',
];

type Outcome = 'allowed' | 'denied' | 'unknown to the server';

interface Attempt {
  readonly statement: string;
  /** What it may come to. */
  readonly expected: readonly Outcome[];
  readonly outcome: Outcome;
}

export const readerPrivileges: ClusterCheck = {
  name: 'reader-privileges',
  title: 'The reader reads the tables and can do nothing else',
  scope: 'cluster',
  proves:
    'On every node the reader selects from each table of the contract, is denied INSERT, ALTER, CREATE ' +
    'and DROP, and sees neither the queries and logs of others nor the users. The statements change no ' +
    'row or table that was there: each is made to do nothing, or is tried on a table of the check’s ' +
    'own, which is removed again.',
  async run(context) {
    const user = context.deployment.clickhouse.users.reader;
    const password = context.secrets['bi_user_password'];
    if (user === undefined || password === undefined) {
      return [
        {
          status: 'skipped',
          expected: 'a reader who can read and nothing else',
          observed:
            user === undefined ? 'the deployment names no reader' : 'no password of the reader',
          reason:
            'Name the reader in the deployment and put bi_user_password into the secrets file.',
        },
      ];
    }
    const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
      tryNode(context, client, { user, password }),
    );
    return [...answers.flatMap(({ node, value }) => judge(node, value)), ...silent];
  },
};

async function tryNode(
  context: ClusterContext,
  administrator: NodeClient,
  account: Account,
): Promise<Attempt[]> {
  const name = `provehouse_access_${randomBytes(6).toString('hex')}`;
  const own = tableName(context.deployment, name);
  const ofReader = tableName(context.deployment, `${name}_of_the_reader`);
  const reader = connectNode(administrator.node, account);
  try {
    await administrator.command(`CREATE TABLE ${own} (x UInt8) ENGINE = Memory`);
    const attempts: Attempt[] = [];
    for (const { statement, expected } of statementsOf(context, own, ofReader)) {
      attempts.push({ statement, expected, outcome: await outcomeOf(reader, statement) });
    }
    return attempts;
  } finally {
    await reader.close();
    for (const table of [own, ofReader]) {
      await administrator.command(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function statementsOf(
  { deployment, contract }: ClusterContext,
  own: string,
  ofReader: string,
): Omit<Attempt, 'outcome'>[] {
  const select = (table: string): string => `SELECT count() FROM ${table}`;
  const writes = localTables(contract).flatMap(({ name }) => {
    const table = tableName(deployment, name);
    return [
      `INSERT INTO ${table} SELECT * FROM ${table} WHERE 0`,
      `ALTER TABLE ${table} DELETE WHERE 0`,
    ];
  });
  const denied = [
    ...writes,
    `CREATE TABLE ${ofReader} (x UInt8) ENGINE = Memory`,
    `ALTER TABLE ${own} ADD COLUMN y UInt8`,
    `DROP TABLE ${own}`,
  ];
  return [
    ...contract.tables.map(({ name }) => ({
      statement: select(tableName(deployment, name)),
      expected: ['allowed'] as const,
    })),
    ...denied.map((statement) => ({ statement, expected: ['denied'] as const })),
    ...PRIVATE_TABLES.map((name) => ({
      statement: select(`system.${name}`),
      expected: ['denied', 'unknown to the server'] as const,
    })),
  ];
}

async function outcomeOf(reader: NodeClient, statement: string): Promise<Outcome> {
  try {
    if (statement.startsWith('SELECT')) await reader.query(statement, z.unknown());
    else await reader.command(statement);
    return 'allowed';
  } catch (error) {
    const code = error instanceof QueryError ? (error.code ?? '') : '';
    if (DENIED.includes(code)) return 'denied';
    if (code === UNKNOWN_TABLE) return 'unknown to the server';
    throw error;
  }
}

function judge(node: string, attempts: readonly Attempt[]): Finding[] {
  // Servers without users in SQL show their system tables to everybody.
  const open = attempts.some(
    ({ statement, outcome }) =>
      statement.endsWith('system.users') && outcome === 'unknown to the server',
  );
  if (!open) return [judgeAttempts(node, attempts)];
  const isPrivate = ({ statement }: Attempt): boolean => / system\.\w+$/.test(statement);
  return [
    judgeAttempts(
      node,
      attempts.filter((attempt) => !isPrivate(attempt)),
    ),
    {
      status: 'skipped',
      subject: 'queries and logs of others',
      node,
      expected: 'the reader does not see them',
      observed: 'not judged',
      reason: 'A server of this version shows its system tables to every user.',
    },
  ];
}

function judgeAttempts(node: string, attempts: readonly Attempt[]): Finding {
  const wrong = attempts.filter(({ expected, outcome }) => !expected.includes(outcome));
  return {
    status: wrong.length === 0 ? 'passed' : 'failed',
    node,
    expected: 'SELECT from the tables of the contract allowed, everything else denied',
    observed:
      wrong.length === 0
        ? `${attempts.length} statements, each as expected`
        : wrong.map(({ statement, outcome }) => `${outcome}: ${statement}`).join('; '),
    ...(wrong.length > 0 && {
      reason: `Correct the grants and the profile of the reader on ${node}.`,
    }),
    evidence: [
      evidence(
        'Statements as the reader',
        attempts.map(({ statement, expected, outcome }) => ({
          ...{ statement, expected: expected.join(' or '), observed: outcome },
        })),
      ),
    ],
    sql: wrong.map(({ statement }) => statement),
  };
}
