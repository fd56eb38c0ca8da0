import { quoteText } from '@provehouse/infra/clickhouse';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import { requireTable } from '../clickhouse/require-table.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { tableQuestion } from '../clickhouse/each-table.ts';
import { evidence, evidenceRow, type EvidenceRow } from '../clickhouse/evidence.ts';
import { distributedTables, type DistributedTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';
import { NO_DISTRIBUTED_TABLE } from './each-distributed-table.ts';

const QUEUE = {
  columns: 'data_files, broken_data_files, is_blocked, error_count, last_exception',
  from: 'system.distribution_queue',
  where: 'data_files > 0 OR broken_data_files > 0 OR is_blocked',
} as const;
const askQueue = tableQuestion({ ...QUEUE, row: evidenceRow });

/** Whether rows wait on a node to be sent to another one. */
export const distributionQueue: ClusterCheck = {
  name: 'distribution-queue',
  title: 'No rows wait to be sent to another node',
  proves:
    'What was inserted through the Distributed table has left every node for its shards: nothing is pending, broken, or blocked.',
  scope: 'cluster',
  run: (context) =>
    settle(context.contract.replicas.settleSeconds, async () => {
      const tables = distributedTables(context.contract);
      if (tables.length === 0) return [NO_DISTRIBUTED_TABLE];
      return (await Promise.all(tables.map(({ table }) => judge(context, table)))).flat();
    }),
};

async function judge(
  { cluster, deployment }: ClusterContext,
  table: DistributedTable,
): Promise<Finding[]> {
  const { name } = table;
  const database = databaseOf(deployment, table);
  const sql = `SELECT ${QUEUE.columns} FROM ${QUEUE.from} WHERE (${QUEUE.where})
    AND database = ${quoteText(database)} AND table = ${quoteText(name)}`;
  const { answers, silent } = await askNodes(cluster.nodes, async (client) => {
    await requireTable(client, deployment, table);
    return (await hasSystemTable(client, 'distribution_queue'))
      ? askQueue(client, { database, table: name })
      : undefined;
  });
  const findings = answers.map(({ node, value }): Finding => {
    const about = { subject: name, node, expected: 'an empty queue', sql: [sql] } as const;
    if (value === undefined) {
      return {
        ...about,
        status: 'skipped',
        observed: 'no table system.distribution_queue',
        reason: 'This version of ClickHouse does not show its queues.',
      };
    }
    if (value.length === 0) return { ...about, status: 'passed', observed: 'empty' };
    return {
      ...about,
      status: 'failed',
      observed: describe(value),
      reason:
        'Start the nodes that it cannot reach, or lift the block with SYSTEM START DISTRIBUTED SENDS; broken files must be inserted by hand.',
      evidence: [evidence(`Distributed queues on ${node}`, value)],
    };
  });
  return [...findings, ...silent];
}

function describe(queues: readonly EvidenceRow[]): string {
  const sum = (column: string): number =>
    queues.reduce((total, row) => total + Number(row[column]), 0);
  const pending = `${sum('data_files')} files pending`;
  const broken = `${sum('broken_data_files')} broken`;
  const blocked = sum('is_blocked') > 0 ? ', sending is blocked' : '';
  return `${pending}, ${broken}${blocked}`;
}
