import { z } from 'zod';
import { QueryError, quoteName } from '@provehouse/infra/clickhouse';
import type { Finding } from '../../verdict.ts';
import { hasEnded, provenStates } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { PREFIX } from '../writes/drill-tables.ts';

/** All replicas of a shard at once. */
export const stopShard: WritesDrill = {
  name: 'stop-shard',
  title: 'All replicas of a shard are killed during writes',
  proves:
    'While a shard is away, reads of the whole table fail and say so instead of giving a part, reads of another shard go on, writes are refused with a reason, and afterwards every acknowledged row is there.',
  doesNotProve: 'That writes are kept for the shard: they are synchronous, so clients repeat them.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 60,
  unavailable: ({ deployment }) =>
    Promise.resolve(
      new Set(deployment.clickhouse.nodes.map(({ shard }) => shard)).size > 1
        ? undefined
        : 'the cluster has one shard',
    ),
  writes: () => 'refused',
  fault(target, { shard }, table) {
    const { runtime, deployment } = target;
    const down = deployment.clickhouse.nodes.filter((node) => node.shard === shard);
    const names = down.map(({ name }) => name);
    return Promise.resolve({
      undo: names.map((component) => ({ kind: 'start', component }) as const),
      inject: async () => {
        await Promise.all(names.map((name) => runtime.kill(name)));
      },
      prove: () => provenStates(runtime, names, hasEnded, `${names.join(' and ')} have ended`),
      during: () => judgeReads(target, shard, table),
      lift: async () => {
        await Promise.all(names.map((name) => runtime.start(name)));
      },
    });
  },
};

const countRow = z.object({ rows: z.coerce.number() });

async function judgeReads(
  { cluster, deployment, runtime }: DrillTarget,
  shard: string,
  local: string,
): Promise<Finding[]> {
  const database = quoteName(deployment.clickhouse.database);
  const distributed = local.replace(/_local$/, '');
  const answering = (await runtime.status()).filter(({ state }) => state === 'ready');
  const left = cluster.nodes.find(
    ({ node }) => node.shard !== shard && answering.some(({ name }) => name === node.name),
  );
  if (left === undefined) {
    return [
      {
        status: 'failed',
        subject: 'reads while it lasted',
        expected: 'the nodes of other shards go on answering',
        observed: 'none of them does',
        reason: 'They ended together with the shard that was killed: see their logs.',
      },
    ];
  }
  const whole = `SELECT count() AS rows FROM ${database}.${quoteName(distributed)}`;
  const part = `SELECT count() AS rows FROM ${database}.${quoteName(local)}`;
  const refusal = await left.query(whole, countRow).then(
    (rows) => `${rows[0]?.rows ?? 0} rows`,
    (error: unknown) => {
      if (error instanceof QueryError) return error;
      throw error;
    },
  );
  const own = await left.query(part, countRow);
  return [
    {
      status: refusal instanceof QueryError ? 'passed' : 'failed',
      subject: 'reads of the whole table while it lasted',
      node: left.node.name,
      expected: 'an error, because a shard is missing',
      observed: refusal instanceof QueryError ? (refusal.message.split('\n')[0] ?? '') : refusal,
      sql: [whole],
      ...(!(refusal instanceof QueryError) && {
        reason: `${PREFIX} tables gave a part of their rows as if it were all.`,
      }),
    },
    {
      status: (own[0]?.rows ?? 0) > 0 ? 'passed' : 'failed',
      subject: 'reads of another shard while it lasted',
      node: left.node.name,
      expected: 'its rows',
      observed: `${own[0]?.rows ?? 0} rows`,
      sql: [part],
    },
  ];
}
