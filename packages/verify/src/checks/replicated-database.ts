import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import {
  databaseReplicaSql,
  databaseSql,
  readDatabaseState,
  tablesSql,
  type DatabaseReplica,
  type DatabaseState,
} from '../clickhouse/database-state.ts';
import { ddlEntries } from '../clickhouse/ddl-entries.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { withoutLiterals } from '../clickhouse/without-literals.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

type Answered = Answer<DatabaseState>;

const SHOWN_LENGTH = 200;

/** Whether the database is what the deployment says, and whether its replicas have all its tables. */
export const replicatedDatabase: ClusterCheck = {
  name: 'replicated-database',
  title: 'The database is of one engine on all nodes, and its replicas keep up',
  proves:
    'The database is there on every node and of one engine, Replicated where the deployment says so and nowhere else. Where it is Replicated, all nodes are replicas of one database, no other is registered, each is writable and has taken up every statement of its log, and all nodes have the same tables. The log alone would not show that a statement failed on one node.',
  scope: 'cluster',
  run: (context) => settle(context.contract.replicas.settleSeconds, () => look(context)),
};

async function look(context: ClusterContext): Promise<readonly Finding[]> {
  const { deployment, cluster } = context;
  const { answers, silent } = await askNodes(cluster.nodes, (client) =>
    readDatabaseState(client, deployment),
  );
  const present = answers.flatMap((answer): Answered[] =>
    answer.value === undefined ? [] : [{ ...answer, value: answer.value }],
  );
  const replicas = present.filter(({ value }) => value.engine === 'Replicated');
  return [
    ...(answers.length > 0 ? [judgeEngine(context, answers)] : []),
    ...(await Promise.all(replicas.map((answer) => judgeReplica(context, answer)))),
    ...(replicas.length > 1 ? [judgePath(context, replicas), judgeTables(context, replicas)] : []),
    ...silent,
  ];
}

function judgeEngine(
  { deployment }: ClusterContext,
  answers: readonly Answer<DatabaseState | undefined>[],
): Finding {
  const { replicatedDatabase: wanted } = deployment.clickhouse.capabilities;
  const engines = Map.groupBy(answers, ({ value }) => value?.engine ?? 'no such database');
  const right =
    engines.size === 1 && !engines.has('no such database') && engines.has('Replicated') === wanted;
  return {
    subject: 'engine',
    status: right ? 'passed' : 'failed',
    expected: `one engine on all nodes, ${wanted ? 'Replicated' : 'not Replicated'} as the deployment says`,
    observed: [...engines]
      .map(
        ([engine, of]) =>
          `${engine} on ${engines.size === 1 ? `${of.length} nodes` : of.map(({ node }) => node).join(', ')}`,
      )
      .join('; '),
    ...(!right && {
      reason:
        'Make the database on every node with one engine. A statement ON CLUSTER is refused by a Replicated database, and any other reaches one node alone: correct capabilities.replicatedDatabase of the deployment if the engine is meant.',
    }),
    sql: [databaseSql(deployment)],
  };
}

async function judgeReplica(context: ClusterContext, answer: Answered): Promise<Finding> {
  const { node, value } = answer;
  const total = context.deployment.clickhouse.nodes.length;
  const about = {
    subject: 'replica',
    node,
    expected: `writable, one of ${total} replicas, with every statement of the log taken up`,
    sql: [databaseReplicaSql(context.deployment)],
  };
  const { replica } = value;
  if (replica === undefined) {
    return {
      ...about,
      status: 'skipped',
      observed: 'unknown',
      reason: 'The server has no system.database_replicas, in which it would say so.',
    };
  }
  const behind = replica.max_log_ptr - replica.log_ptr;
  const faults = [
    ...(replica.is_readonly === 1 ? ['read-only'] : []),
    ...(replica.is_session_expired === 1 ? ['its session has expired'] : []),
    ...(replica.zookeeper_exception === '' ? [] : [replica.zookeeper_exception]),
    ...(replica.total_replicas === total
      ? []
      : [`${replica.total_replicas} replicas are registered`]),
    ...(behind > 0 ? [`${behind} statements of the log are not taken up`] : []),
  ];
  if (faults.length === 0) {
    return {
      ...about,
      status: 'passed',
      observed: `statement ${replica.log_ptr} of ${replica.max_log_ptr}`,
    };
  }
  return {
    ...about,
    status: 'failed',
    observed: faults.join('; '),
    reason: `Look whether ${node} reaches coordination and what its log says. One that was dropped comes back with SYSTEM RESTORE DATABASE REPLICA, one that is gone goes with SYSTEM DROP DATABASE REPLICA: until then each statement waits for it.`,
    ...(behind > 0 && { evidence: [await statementsLeft(answer, replica)] }),
  };
}

/** The newest statements that a replica has not taken up. */
async function statementsLeft({ client, node }: Answered, replica: DatabaseReplica) {
  const entries = await ddlEntries(client, `${replica.zookeeper_path}/log`, EVIDENCE_ROWS);
  const left = entries.filter(({ name }) => Number(name.slice('query-'.length)) > replica.log_ptr);
  return evidence(
    `Statements that ${node} has not taken up`,
    left.map(({ name, query }) => ({ name, query: withoutLiterals(query).slice(0, SHOWN_LENGTH) })),
  );
}

function judgePath({ deployment }: ClusterContext, replicas: readonly Answered[]): Finding {
  const paths = Map.groupBy(
    replicas.filter(({ value }) => value.replica !== undefined),
    ({ value }) => value.replica?.zookeeper_path,
  );
  const right = paths.size <= 1;
  return {
    subject: 'path',
    status: right ? 'passed' : 'failed',
    expected: 'one path in coordination for all nodes',
    observed:
      [...paths].map(([path, of]) => `${path} on ${of.length} nodes`).join('; ') || 'unknown',
    ...(!right && { reason: 'Nodes with different paths get none of each other’s statements.' }),
    sql: [databaseReplicaSql(deployment)],
  };
}

function judgeTables({ deployment }: ClusterContext, replicas: readonly Answered[]): Finding {
  const names = [...new Set(replicas.flatMap(({ value }) => [...value.tables.keys()]))].sort();
  const different = names.filter(
    (name) => new Set(replicas.map(({ value }) => value.tables.get(name))).size > 1,
  );
  const right = different.length === 0;
  return {
    subject: 'tables',
    status: right ? 'passed' : 'failed',
    expected: 'the same tables on all nodes, with the same UUIDs',
    observed: right
      ? `${names.length} tables on ${replicas.length} nodes`
      : `not the same on all nodes: ${different.slice(0, EVIDENCE_ROWS).join(', ')}`,
    ...(!right && {
      reason:
        'Search the log of a node that lacks a table for DDLWorker and DatabaseReplicated: it tries again every few seconds once what hinders it is gone.',
      evidence: [
        evidence(
          'Tables that are not the same on all nodes',
          different.slice(0, EVIDENCE_ROWS).map((table) => ({
            table,
            ...Object.fromEntries(
              replicas.map(({ node, value }) => [node, value.tables.get(table) ?? 'none']),
            ),
          })),
        ),
      ],
    }),
    sql: [tablesSql(deployment)],
  };
}
