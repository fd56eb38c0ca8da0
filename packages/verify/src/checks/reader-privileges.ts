import { z } from 'zod';
import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { effectiveGrants, exceedsReading, grantsOf, shownGrant } from '../clickhouse/grants.ts';
import {
  askConfinement,
  removableLimits,
  type Confinement,
} from '../clickhouse/reader-settings.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { asAccount, readerOf } from '../clickhouse/reader.ts';
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
const EXPECTED = 'the tables of the contract can be read, and nothing else is allowed';
const SHOWN = 8;

type Outcome = 'allowed' | 'denied' | 'unknown to the server';

interface Attempt extends Record<string, string> {
  readonly statement: string;
  readonly outcome: Outcome;
}

/** What a node says of the reader. */
interface Rights {
  readonly reads: readonly Attempt[];
  readonly looks: readonly Attempt[];
  readonly confinement: Confinement;
  /** What the reader can use beyond reading; unknown where a server has no grants. */
  readonly excess: readonly string[] | undefined;
  /** Tables of other databases that the reader sees, where a server has no grants. */
  readonly elsewhere: readonly string[];
}

export const readerPrivileges: ClusterCheck = {
  name: 'reader-privileges',
  title: 'The reader reads the tables and can do nothing else',
  scope: 'cluster',
  security: true,
  proves:
    'On every node the reader selects from each table of the contract; the grants of the account and ' +
    'of its roles, as far as its profile leaves them, allow no write, no change of a ' +
    'definition, no SYSTEM statement, no other database, no file, URL or other server; the reader sees neither ' +
    'the queries and logs of others nor the users, and cannot lift the limits of its profile. ' +
    'Only what reads is tried: the rest is taken from system.grants and system.settings. A server ' +
    'without grants is judged by the profile, readonly = 0 allowing everything.',
  async run(context) {
    const reader = readerOf(context, 'a reader who can read and nothing else');
    if ('skipped' in reader) return [reader.skipped];
    const { answers, silent } = await askNodes(context.cluster.nodes, (administrator) =>
      asAccount(administrator, reader.account, (client) =>
        askRights(context, administrator, client, reader.account.user),
      ),
    );
    return [...answers.flatMap(({ node, value }) => judge(node, value)), ...silent];
  },
};

async function askRights(
  { deployment, contract }: ClusterContext,
  administrator: NodeClient,
  reader: NodeClient,
  user: string,
): Promise<Rights> {
  const own = [
    deployment.clickhouse.database,
    ...contract.tables.map((table) => databaseOf(deployment, table)),
  ];
  const confinement = await askConfinement(reader);
  const grants = (await hasSystemTable(administrator, 'grants'))
    ? await grantsOf(administrator, user)
    : undefined;
  const [reads, looks, elsewhere] = await Promise.all([
    attempts(
      reader,
      contract.tables.map((table) => `SELECT * FROM ${qualifiedName(deployment, table)} LIMIT 1`),
    ),
    attempts(
      reader,
      PRIVATE_TABLES.map((name) => `SELECT count() FROM system.${name}`),
    ),
    grants === undefined ? tablesElsewhere(reader, own) : [],
  ]);
  const excess =
    grants &&
    effectiveGrants(grants, confinement)
      .filter((grant) => exceedsReading(grant, own))
      .map(shownGrant);
  return { confinement, reads, looks, excess, elsewhere };
}

const attempts = (reader: NodeClient, statements: readonly string[]): Promise<Attempt[]> =>
  Promise.all(
    statements.map(async (statement) => ({
      statement,
      outcome: await outcomeOf(reader, statement),
    })),
  );

async function outcomeOf(reader: NodeClient, statement: string): Promise<Outcome> {
  try {
    await reader.query(statement, z.unknown());
    return 'allowed';
  } catch (error) {
    const code = error instanceof QueryError ? (error.code ?? '') : '';
    if (DENIED.includes(code)) return 'denied';
    if (code === UNKNOWN_TABLE) return 'unknown to the server';
    throw error;
  }
}

async function tablesElsewhere(reader: NodeClient, own: readonly string[]): Promise<string[]> {
  const rows = await reader.query(
    `SELECT concat(database, '.', name) AS found FROM system.tables
     WHERE database NOT IN (${['system', ...own].map(quoteText).join(', ')}) LIMIT ${SHOWN}`,
    z.object({ found: z.string() }),
  );
  return rows.map(({ found }) => found);
}

function judge(node: string, rights: Rights): Finding[] {
  const { reads, looks, confinement, excess, elsewhere } = rights;
  // Servers without users in SQL show their system tables to everybody.
  const open = looks.some(
    ({ statement, outcome }) =>
      statement.endsWith('system.users') && outcome === 'unknown to the server',
  );
  const { forbidding, limiting } = removableLimits(confinement);
  const faults = [
    // A table that is not there is for table-definition to name.
    ...reads.filter((read) => read.outcome === 'denied').map(said),
    ...(open ? [] : looks.filter((look) => look.outcome === 'allowed').map(said)),
    ...(excess ?? []).slice(0, SHOWN).map((grant) => `granted: ${grant}`),
    ...((excess?.length ?? 0) > SHOWN ? [`and ${(excess?.length ?? 0) - SHOWN} grants more`] : []),
    ...(excess === undefined && confinement.readonly === 0
      ? ['readonly = 0: writing is allowed']
      : []),
    ...elsewhere.map((table) => `sees ${table}`),
    ...forbidding.map((setting) => `can change ${setting}`),
  ];
  const status = faults.length > 0 ? 'failed' : limiting.length > 0 ? 'warned' : 'passed';
  const attempted = [...reads, ...looks];
  return [
    {
      status,
      node,
      expected: EXPECTED,
      observed:
        [...faults, ...limiting.map((setting) => `can lift ${setting}`)].join('; ') ||
        `${reads.filter((read) => read.outcome === 'allowed').length} tables are read, readonly = ${confinement.readonly}, nothing else is granted`,
      ...(status !== 'passed' && { reason: adviceOf(node, faults.length > 0) }),
      evidence: [
        evidence('Statements as the reader', attempted),
        ...(excess !== undefined && excess.length > 0
          ? [
              evidence(
                'Granted beyond reading',
                excess.map((grant) => ({ grant })),
              ),
            ]
          : []),
      ],
      sql: [
        ...attempted.filter((one) => faults.includes(said(one))).map(({ statement }) => statement),
        ...(excess === undefined ? [] : ['SELECT * FROM system.grants']),
      ],
    },
    ...(open ? [othersNotJudged(node)] : []),
  ];
}

const said = ({ statement, outcome }: Attempt): string => `${outcome}: ${statement}`;

const adviceOf = (node: string, failed: boolean): string =>
  failed
    ? `Correct the grants, the roles and the profile of the reader on ${node}: GRANT SELECT on the tables that are to be read, and readonly = 2 (or 1).`
    : `Add constraints to the reader's profile on ${node}, so that the limits are limits.`;

const othersNotJudged = (node: string): Finding => ({
  status: 'skipped',
  subject: 'queries and logs of others',
  node,
  expected: 'the reader does not see them',
  observed: 'not judged',
  reason: 'A server of this version shows its system tables to every user.',
});
