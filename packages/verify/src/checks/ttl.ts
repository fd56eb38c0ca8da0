import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { canonicalExpression } from '../clickhouse/definition-text.ts';
import { databaseOf, qualifiedName } from '../clickhouse/named-table.ts';
import { statedDefinition, writtenQuery } from '../clickhouse/stated-definition.ts';
import { ttlsOf, type Ttl } from '../clickhouse/ttl-text.ts';
import { ttlTimes, type TtlTime } from '../clickhouse/ttl-times.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

const tableRow = z.object({ create_table_query: z.string() });
const askDefinition = tableQuestion({
  columns: 'create_table_query',
  from: 'system.tables',
  row: tableRow,
});

/** What a node says of a table's TTLs; nothing where it has no such table. */
interface Expiry {
  readonly ttls: readonly Ttl[];
  /** Those that the contract states, as the node writes them. */
  readonly stated: readonly Ttl[];
  readonly times: readonly TtlTime[];
}

/** Whether something will take rows away that nobody may have thought of. */
export const ttl: ClusterCheck = {
  name: 'ttl',
  title: 'No TTL deletes what the contract does not speak of',
  scope: 'cluster',
  proves:
    'The local tables have no TTL that deletes rows, rolls them up or empties columns and that the contract ' +
    'does not state; one that there is, also when all nodes have it alike, warns with what it takes and ' +
    'when the first rows expire, as the parts have noted it. TTLs that move or recompress parts take nothing.',
  async run(context) {
    const findings = await Promise.all(
      localTables(context.contract).map(async (table) => {
        const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
          askExpiry(context, client, table),
        );
        return [judge(context, table, answers), ...silent];
      }),
    );
    return findings.flat();
  },
};

async function askExpiry(
  { deployment }: ClusterContext,
  client: NodeClient,
  table: LocalTable,
): Promise<Expiry | undefined> {
  const database = databaseOf(deployment, table);
  const [found] = await askDefinition(client, { database, table: table.name });
  if (found === undefined) return undefined;
  const ttls = ttlsOf(found.create_table_query);
  if (ttls.length === 0) return { ttls, stated: [], times: [] };
  const [stated, times] = await Promise.all([
    statedTtls(client, table),
    ttlTimes(client, database, table.name),
  ]);
  return { ttls, stated, times };
}

/** A server that cannot write queries is given the contract's words as they are. */
async function statedTtls(client: NodeClient, table: LocalTable): Promise<Ttl[]> {
  const definition = statedDefinition(table);
  return ttlsOf((await writtenQuery(client, definition)) ?? definition);
}

function judge(
  { deployment }: ClusterContext,
  table: LocalTable,
  answers: readonly Answer<Expiry | undefined>[],
): Finding {
  const nodes = answers.flatMap(({ node, value }) => (value ? [{ node, ...value }] : []));
  const about = {
    subject: table.name,
    expected: 'no TTL that takes rows or values away, unless the contract states it',
    sql: [`SHOW CREATE TABLE ${qualifiedName(deployment, table)}`],
  };
  if (nodes.length === 0) {
    const reason = 'Create the table: table-definition says where it is not.';
    return { ...about, status: 'skipped', observed: 'no such table', reason };
  }
  const found = Map.groupBy(
    nodes.flatMap(({ node, ttls, stated, times }) =>
      ttls.map((one) => ({
        ...{ node, ttl: one, time: timeOf(one, times) },
        isStated: stated.some((other) => isSame(one, other)),
      })),
    ),
    ({ ttl: { column, text } }) =>
      column === undefined ? `rows by ${text}` : `column ${column} by ${text}`,
  );
  if (found.size === 0) return { ...about, status: 'passed', observed: 'none' };
  const shown = [...found].map(([what, on]) => {
    const times = on.flatMap(({ time }) => (time === undefined ? [] : [time]));
    return {
      what: on.every(({ isStated }) => isStated) ? `${what}, as the contract states` : what,
      first: times.map(({ first }) => first).toSorted()[0] ?? 'not noted',
      last:
        times
          .map(({ last }) => last)
          .toSorted()
          .at(-1) ?? 'not noted',
      nodes: on.map(({ node }) => node).join(', '),
    };
  });
  const unstated = [...found.values()].flat().some(({ isStated }) => !isStated);
  return {
    ...about,
    status: unstated ? 'warned' : 'passed',
    observed: shown
      .map(
        ({ what, first }) =>
          `${what}, ${first === 'not noted' ? 'nothing is noted to expire yet' : `the first on ${first} UTC`}`,
      )
      .join('; '),
    ...(unstated && {
      reason:
        'What has expired is deleted by the next merge, on every replica alike, so that no comparison shows it. State the TTL in the contract if it is meant, or remove it (ALTER TABLE … REMOVE TTL).',
    }),
    evidence: [evidence(`What TTL takes from ${table.name}`, shown)],
  };
}

const isSame = (left: Ttl, right: Ttl): boolean =>
  left.column === right.column &&
  canonicalExpression(left.text) === canonicalExpression(right.text);

/** When the parts of a node lose what a TTL takes. */
const timeOf = ({ column = '', text }: Ttl, times: readonly TtlTime[]): TtlTime | undefined =>
  times.find(
    (time) =>
      time.column === column &&
      (time.expression === ''
        ? !/ WHERE /.test(text)
        : text.startsWith(`${time.expression} WHERE `)),
  );
