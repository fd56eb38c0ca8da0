import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import {
  hasServer,
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { replicaState } from './replica-state.ts';

describe.skipIf(!hasServer)('replica-state (skipped where no ClickHouse server is)', () => {
  let own: ReplicatedCluster;
  beforeAll(async () => {
    own = await startReplicatedCluster();
  });
  beforeEach(() => own.load());
  afterAll(() => own?.[Symbol.asyncDispose]());

  const failures = async (context = impatient(own.context())) => {
    const { findings } = await runCheck(replicaState, context);
    return findings.filter(({ status }) => status === 'failed');
  };

  test('a healthy cluster passes, with a finding for each replica', async () => {
    const { status, findings } = await runCheck(replicaState, own.context());
    expect(status).toBe('passed');
    expect(findings).toHaveLength(4);
  });

  test('a replica that was stopped from fetching fails, and its queue is shown', async () => {
    const { command } = own.cluster.node('clickhouse-03');
    await command('SYSTEM STOP FETCHES');
    try {
      await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 3)}`);
      await expect
        .poll(() => failures(), { timeout: 20_000 })
        .toMatchObject([{ node: 'clickhouse-03', evidence: [{ title: /Queue of/ }] }]);
    } finally {
      await command('SYSTEM START FETCHES');
    }
  });

  test('lag alone passes: fetches that start again while the check looks', async () => {
    const { command } = own.cluster.node('clickhouse-03');
    await command('SYSTEM STOP FETCHES');
    await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(6000, 3)}`);
    const late = repairedAfter(patient(own.context()), 'clickhouse-03', /system.replicas/, () =>
      own.fetchAgain('clickhouse-03'),
    );
    expect((await runCheck(replicaState, late)).status).toBe('passed');
  });

  test('a replica that is gone is counted as not active by its peer', async () => {
    await own.runtime.stop('clickhouse-04');
    try {
      await expect
        .poll(() => failures(), { timeout: 20_000 })
        .toMatchObject([{ node: 'clickhouse-02', observed: '1 are active' }]);
    } finally {
      await own.runtime.start('clickhouse-04');
    }
  });

  test('a table that is not replicated on one node fails there', async () => {
    const { command } = own.cluster.node('clickhouse-02');
    await command(`DROP TABLE ${LOCAL}`);
    expect(await failures()).toContainEqual(
      expect.objectContaining({ node: 'clickhouse-02', observed: 'none in system.replicas' }),
    );
  });
});
