import { QueryError } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { comparedRows, contentRow, contentSql } from '../clickhouse/compared-rows.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { notedContent, type Content } from '../clickhouse/noted-content.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import { askConfinement, silentCuts } from '../clickhouse/reader-settings.ts';
import { asAccount, readerOf } from '../clickhouse/reader.ts';
import { askStoredTable } from '../clickhouse/stored-table.ts';
import type { Table } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** How often a Distributed table is asked whose answers differ. */
const ASKED = 8;
const UNKNOWN_TABLE = '60';
const DENIED = ['164', '291', '497'];

/** Whether what the reader is given is what there is. */
export const readerContent: ClusterCheck = {
  name: 'reader-content',
  title: 'The reader gets what the administrator gets',
  scope: 'cluster',
  security: true,
  proves:
    'On every node the reader counts as many rows as the administrator, in the local tables and through ' +
    'the Distributed ones, and the rows of the local tables have the same content. So no row policy, ' +
    'quota, filter or limit hides rows from the reader; settings that would cut a longer answer without an ' +
    'error warn.',
  async run(context) {
    const reader = readerOf(context, 'the same rows as for the administrator');
    if ('skipped' in reader) return [reader.skipped];
    return settle(context.contract.replicas.settleSeconds, async () => {
      const { answers, silent } = await askNodes(context.cluster.nodes, (administrator) =>
        asAccount(administrator, reader.account, async (client) => [
          ...(await Promise.all(
            context.contract.tables.map((table) => compare(context, table, administrator, client)),
          )),
          await judgeSettings(client),
        ]),
      );
      return [...answers.flatMap(({ value }) => value), ...silent];
    });
  },
};

async function compare(
  { deployment }: ClusterContext,
  table: Table,
  administrator: NodeClient,
  reader: NodeClient,
): Promise<Finding> {
  const expected = 'what the administrator gets';
  const place = { subject: table.name, node: reader.node.name };
  const sql = await unlessAbsent(() => contentOf(administrator, deployment, table));
  const noted = sql === undefined ? undefined : notedContent(administrator, sql);
  if (sql !== undefined && noted !== undefined) {
    const given = await askReader(reader, sql);
    if (given !== undefined && !(given instanceof QueryError) && isSame(noted, given)) {
      return judge({ ...place, sql: [sql] }, noted, given);
    }
  }
  const there = sql === undefined ? undefined : await ask(administrator, sql);
  if (sql === undefined || there === undefined) {
    const reason = 'The table, or one below it, is not there: table-definition says which.';
    return { ...place, status: 'skipped', expected, observed: 'no such table', reason };
  }
  const about = { ...place, sql: [sql] };
  const given = await askReader(reader, sql);
  if (given instanceof QueryError) {
    const denied = DENIED.includes(given.code ?? '');
    return {
      ...about,
      status: 'failed',
      expected: `${expected}, ${there.rows} rows`,
      observed: given.message.split('\nin: ')[0] ?? given.message,
      reason: denied
        ? `Grant SELECT on the table to the reader on ${reader.node.name}.`
        : `Look at the quotas and limits of the reader on ${reader.node.name}.`,
    };
  }
  if (given === undefined || isSame(there, given) || table.kind === 'local') {
    return judge(about, there, given ?? { rows: 0, content: '' });
  }
  // Which replica a Distributed table asks is left to chance, and replicas that differ are for others to name.
  return judge(
    about,
    there,
    (await askAgain(administrator, reader, sql, [there], [given])) ?? given,
  );
}

/** What the reader is given, or why the server refuses it. @throws QueryError when it does not answer */
const askReader = (reader: NodeClient, sql: string): Promise<Content | QueryError | undefined> =>
  ask(reader, sql).catch((error: unknown): QueryError => {
    // The server's own code: it answered, and refused.
    if (error instanceof QueryError && /^\d+$/.test(error.code ?? '')) return error;
    throw error;
  });

/** What both accounts got, once they were asked often enough to have reached the same replicas. */
async function askAgain(
  administrator: NodeClient,
  reader: NodeClient,
  sql: string,
  there: readonly Content[],
  given: readonly Content[],
): Promise<Content | undefined> {
  const common = there.find((one) => given.some((other) => isSame(one, other)));
  if (common !== undefined || given.length === ASKED) return common && there[0];
  const [more, others] = await Promise.all([ask(administrator, sql), ask(reader, sql)]);
  return askAgain(
    administrator,
    reader,
    sql,
    [...there, ...(more ? [more] : [])],
    [...given, others ?? { rows: 0, content: '' }],
  );
}

/** The statement that gives what a table holds; through a Distributed one the rows are counted alone. */
async function contentOf(
  administrator: NodeClient,
  deployment: ClusterContext['deployment'],
  table: Table,
): Promise<string> {
  if (table.kind === 'distributed') {
    return `SELECT count() AS rows, '' AS content FROM ${qualifiedName(deployment, table)}`;
  }
  const stored = await askStoredTable(administrator, deployment, table);
  return contentSql(await comparedRows(administrator, stored, stored.columns));
}

/** What a table holds for an account, or nothing where there is no such table. @throws QueryError */
const ask = (client: NodeClient, sql: string): Promise<Content | undefined> =>
  unlessAbsent(async () => (await client.query(sql, contentRow))[0]);

/** What is said of a table, or nothing where there is none. */
async function unlessAbsent<Value>(look: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof QueryError && error.code === UNKNOWN_TABLE) return undefined;
    throw error;
  }
}

function judge(
  about: { readonly subject: string; readonly node: string; readonly sql: readonly string[] },
  there: Content,
  given: Content,
): Finding {
  const same = isSame(there, given);
  const { rows } = given;
  return {
    ...about,
    status: same ? 'passed' : 'failed',
    expected: `what the administrator gets, ${there.rows} rows`,
    observed:
      rows === there.rows
        ? `${rows} rows, ${same ? 'the same' : 'with other content'}`
        : `the reader counts ${rows} of ${there.rows} rows`,
    ...(!same && {
      reason: `Look for row policies, filters of the user in the configuration, and settings of the profile on ${about.node} that cut what the reader gets.`,
      evidence: [
        evidence('What each account gets', [
          { account: 'administrator', ...there },
          { account: 'reader', ...given },
        ]),
      ],
    }),
  };
}

const isSame = (left: Content, right: Content): boolean =>
  left.rows === right.rows && left.content === right.content;

/** Limits that end an answer early, whether or not today's rows reach them. */
async function judgeSettings(reader: NodeClient): Promise<Finding> {
  const cuts = silentCuts(await askConfinement(reader));
  return {
    status: cuts.length === 0 ? 'passed' : 'warned',
    subject: 'settings that cut answers',
    node: reader.node.name,
    expected: 'none for the reader',
    observed: cuts.join(', ') || 'none',
    ...(cuts.length > 0 && {
      reason:
        'Answers that reach these are cut without an error: set the overflow modes to throw, and no filter, for whoever must see all rows.',
    }),
  };
}
