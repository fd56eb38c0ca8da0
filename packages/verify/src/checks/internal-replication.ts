import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import {
  CLUSTERS_SQL,
  fullName,
  isReplicated,
  readNodeTables,
  type DistributedTable,
  type NodeTables,
  type WriteMode,
} from '../clickhouse/write-paths.ts';
import { plainOnPurpose } from '../contract/plain-tables.ts';
import type { Finding } from '../verdict.ts';

const EXPECTED =
  'internal_replication true over replicated tables, false over those that do not replicate';

/** A Distributed table with the engine of the table below it, which may be on another node. */
interface Placed extends DistributedTable {
  readonly engine: string | undefined;
}

export const internalReplication: ClusterCheck = {
  name: 'internal-replication',
  title: 'Distributed tables write as the tables below them replicate',
  scope: 'cluster',
  proves:
    'On every node each Distributed table of a user’s database stands over a table that its cluster’s ' +
    'internal_replication fits: with false each row would come twice to replicated tables, with true ' +
    'tables that do not replicate would stay empty on other replicas. Tables over what is on none of ' +
    'these nodes, or does not belong to the MergeTree family, are not judged.',
  async run(context) {
    const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
      readNodeTables(client, context.deployment.clickhouse.cluster),
    );
    const engines = new Map(
      answers.flatMap(({ value }) => value.tables.map((table) => [fullName(table), table.engine])),
    );
    return [...answers.map((answer) => judge(context, answer, engines)).flat(), ...silent];
  },
};

function judge(
  context: ClusterContext,
  { node, value }: Answer<NodeTables>,
  engines: ReadonlyMap<string, string>,
): Finding[] {
  const placed = value.distributed.map((table) => ({ ...table, engine: engines.get(table.over) }));
  const judged = placed.filter(({ engine, mode }) => isMergeTree(engine) && mode !== 'no replicas');
  const seen = judged.filter(({ mode }) => mode !== 'not shown');
  const unseen = judged.filter(({ mode }) => mode === 'not shown');
  const wrong = seen.filter((table) => !fits(context, table));
  const shown = evidence(
    'Distributed tables',
    placed.map(({ name, over, engine, cluster, mode }) => ({
      ...{ table: name, 'table below': over, engine: engine ?? 'on none of the nodes' },
      ...{ cluster, 'writes to': mode },
    })),
  );
  const about = { node, expected: EXPECTED, evidence: [shown], sql: [CLUSTERS_SQL] };
  return [
    ...wrong.map((table): Finding => ({
      ...about,
      status: 'failed',
      subject: table.name,
      observed: `writes to ${table.mode} of ${table.cluster} over ${table.over}, which is ${table.engine ?? 'unknown'}`,
      reason: remedy(table),
    })),
    ...(unseen.length === 0
      ? []
      : [
          {
            ...({
              ...about,
              status: 'skipped',
              observed: 'internal_replication is not shown',
            } as const),
            subject: unseen.map(({ name }) => name).join(', '),
            reason:
              'A server of this version does not show internal_replication in system.clusters: look at remote_servers in its configuration.',
          },
        ]),
    ...(wrong.length > 0 || (seen.length === 0 && unseen.length > 0)
      ? []
      : [
          {
            ...({ ...about, status: 'passed' } as const),
            observed:
              seen.length === 0
                ? 'no Distributed table over several replicas of a MergeTree table'
                : `${seen.length} Distributed tables, each as the table below it`,
          },
        ]),
  ];
}

const isMergeTree = (engine: string | undefined): boolean => engine?.endsWith('MergeTree') ?? false;

function fits(context: ClusterContext, { engine = '', mode, over }: Placed): boolean {
  const right: WriteMode = isReplicated(engine) ? 'one replica' : 'every replica';
  return mode === right || (!isReplicated(engine) && plainOnPurpose(context, over) !== undefined);
}

const remedy = ({ engine = '', cluster, over }: Placed): string =>
  isReplicated(engine)
    ? `Each row is written to every replica, and replicated besides: set internal_replication to true for ${cluster} in remote_servers, and look for doubled rows.`
    : `Each row is written to one replica, and comes to no other: make ${over} replicated, or set internal_replication to false for ${cluster} in remote_servers if no replicated table is written through it.`;
