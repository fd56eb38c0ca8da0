import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { impatient, repairedAfter } from '../../test/changed-context.ts';
import {
  hasServer,
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
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
    const { command } = own.cluster.node('clickhouse-03');
    await command(`SYSTEM STOP REPLICATION QUEUES ${LOCAL}`);
    try {
      await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(7000, 1)}`);
      await own.cluster
        .node('clickhouse-01')
        .command(`ALTER TABLE ${LOCAL} DETACH PARTITION 202605`);
      const found = await failures();
      expect(found.map(({ observed }) => observed).join()).toContain('only on clickhouse-03');
    } finally {
      await command(`SYSTEM START REPLICATION QUEUES ${LOCAL}`);
    }
  });

  test('lag alone passes: parts that arrive while the check looks', async () => {
    const { command } = own.cluster.node('clickhouse-03');
    await command('SYSTEM STOP FETCHES');
    await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(6000, 1)}`);
    const late = repairedAfter(own.context(), 'clickhouse-03', /system.parts/, () =>
      command('SYSTEM START FETCHES'),
    );
    expect((await runCheck(replicaParts, late)).status).toBe('passed');
  });
});
