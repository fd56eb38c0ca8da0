import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import {
  hasServer,
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { replicaParts } from './replica-parts.ts';

describe.skipIf(!hasServer)('replica-parts (skipped where no ClickHouse server is)', () => {
  let own: ReplicatedCluster;
  beforeAll(async () => {
    own = await startReplicatedCluster();
  });
  beforeEach(() => own.load());
  afterAll(() => own?.[Symbol.asyncDispose]());

  const failures = async () =>
    (await runCheck(replicaParts, impatient(own.context()))).findings.filter(
      ({ status }) => status === 'failed',
    );

  test('replicas with the same parts pass', async () => {
    const { status, findings } = await runCheck(replicaParts, own.context());
    expect(status).toBe('passed');
    expect(findings).toHaveLength(2);
  });

  test('a part that a replica does not fetch fails, and is named', async () => {
    const { command } = own.cluster.node('clickhouse-03');
    await command('SYSTEM STOP FETCHES');
    try {
      await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 1)}`);
      const found = await failures();
      expect(found).toMatchObject([{ node: 'clickhouse-03', observed: /only on clickhouse-01/ }]);
    } finally {
      await command('SYSTEM START FETCHES');
    }
  });

  test('a partition that is detached on one replica alone fails', async () => {
    const [leader, other] = await leaderAndOther();
    await other.command(`SYSTEM STOP REPLICATION QUEUES ${LOCAL}`);
    try {
      await leader.command(`INSERT INTO ${LOCAL} ${rowsFrom(7000, 1)}`);
      await leader.command(`ALTER TABLE ${LOCAL} DETACH PARTITION 202605`);
      const found = await failures();
      expect(found.map(({ observed }) => observed).join()).toContain(`only on ${other.node.name}`);
    } finally {
      await other.command(`SYSTEM START REPLICATION QUEUES ${LOCAL}`);
    }
  });

  test('lag alone passes: parts that arrive while the check looks', async () => {
    const { command } = own.cluster.node('clickhouse-03');
    await command('SYSTEM STOP FETCHES');
    await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(6000, 1)}`);
    const late = repairedAfter(
      patient(own.context()),
      'clickhouse-03',
      /_part AS name|system.parts /,
      () => own.fetchAgain('clickhouse-03'),
    );
    expect((await runCheck(replicaParts, late)).status).toBe('passed');
  });

  /** Old servers execute statements of partitions on the leader alone (ClickHouse issue 1861). */
  async function leaderAndOther(): Promise<[NodeClient, NodeClient]> {
    const [first, second] = [own.cluster.node('clickhouse-01'), own.cluster.node('clickhouse-03')];
    const [replica] = await first.query(
      'SELECT is_leader FROM system.replicas',
      z.object({ is_leader: z.number() }),
    );
    return replica?.is_leader === 1 ? [first, second] : [second, first];
  }
});
