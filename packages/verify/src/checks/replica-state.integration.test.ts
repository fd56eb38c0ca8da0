import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import {
  COLUMNS,
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { replicaPaths } from './replica-paths.ts';
import { replicaState } from './replica-state.ts';

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
const found = async (node: string) => {
  const { findings } = await runCheck(replicaState, impatient(own.context()));
  return findings.find((finding) => finding.node === node);
};
const insert = (first: number) =>
  own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(first, 3)}`);

test('a healthy cluster passes, with a finding for each replica', async () => {
  const { status, findings } = await runCheck(replicaState, own.context());
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
});

test.each([
  ['FETCHES', /^[1-3] wait in its queue and none is executed: GET_PART .* fetches are cancelled/],
  ['REPLICATION QUEUES', /^[1-3] wait in its queue and none is executed: GET_PART/],
  ['PULLING REPLICATION LOG', /^[1-3] entries of the log are not read$/],
])('a replica on which SYSTEM STOP %s was given fails', async (what, observed) => {
  const { command } = own.cluster.node('clickhouse-03');
  await command(`SYSTEM STOP ${what}`);
  try {
    await insert(5000);
    await expect
      .poll(() => failures())
      .toMatchObject([{ node: 'clickhouse-03', observed: expect.stringMatching(observed) }]);
  } finally {
    await command(`SYSTEM START ${what}`);
  }
});

test('a replica whose peer sends it nothing fails with what the peer said, and its queue is shown', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  await command('SYSTEM STOP REPLICATED SENDS');
  try {
    await insert(5000);
    await expect
      .poll(() => failures(), { timeout: 20_000 })
      .toMatchObject([
        {
          node: 'clickhouse-03',
          observed: expect.stringMatching(/GET_PART \w+ fails: Code: \d+/),
          evidence: [
            { title: 'Queue of hw16_demo_products_local on clickhouse-03' },
            { title: 'system.replicas of hw16_demo_products_local on clickhouse-03' },
          ],
        },
      ]);
    expect(JSON.stringify(await failures())).not.toContain('Stack trace');
  } finally {
    await command('SYSTEM START REPLICATED SENDS');
  }
});

test('lag alone passes: fetches that start again while the check looks', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command('SYSTEM STOP FETCHES');
  await insert(6000);
  const late = repairedAfter(patient(own.context()), 'clickhouse-03', /system.replicas/, () =>
    own.fetchAgain('clickhouse-03'),
  );
  expect((await runCheck(replicaState, late)).status).toBe('passed');
});

test('a queue that is long but moves passes', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command(
    `ALTER TABLE ${LOCAL} MODIFY SETTING max_replicated_fetches_network_bandwidth = 20000`,
  );
  // A table keeps to the bandwidth that it was loaded with.
  await command(`DETACH TABLE ${LOCAL}`);
  await command(`ATTACH TABLE ${LOCAL}`);
  await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(7000, 20_000)}`);
  const moving = expect.stringMatching(/^2 active, [1-9]\d* in the queue, \d+ s behind$/);
  await expect
    .poll(() => found('clickhouse-03'))
    .toMatchObject({ status: 'passed', observed: moving });
  expect((await runCheck(replicaState, patient(own.context()))).status).toBe('passed');
});

test('merges that wait on one replica pass: its rows are there', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command('SYSTEM STOP MERGES');
  try {
    await insert(8000);
    await command(`SYSTEM SYNC REPLICA ${LOCAL}`);
    await own.cluster
      .node('clickhouse-01')
      .command(`OPTIMIZE TABLE ${LOCAL} PARTITION 202605 FINAL SETTINGS alter_sync = 0`);
    // A coordinator that follows may hear of the merge later than the one that was asked for it.
    await expect
      .poll(() => found('clickhouse-03'))
      .toMatchObject({
        status: 'passed',
        observed: expect.stringMatching(/[1-9]\d* in the queue/),
      });
  } finally {
    await command('SYSTEM START MERGES');
  }
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

test('a replica that was registered and is nowhere fails by its name, with the statement that drops it', async () => {
  const path = (await own.replicaPath('clickhouse-01')).replace(/\/replicas\/.*/, '');
  const { command } = own.cluster.node('clickhouse-02');
  await command(`CREATE TABLE otus_default.gone ${COLUMNS}
    ENGINE = ReplicatedMergeTree('${path}', '03') PARTITION BY toYYYYMM(created_at) ORDER BY id`);
  await command('DETACH TABLE otus_default.gone PERMANENTLY SYNC');
  const observed = '3 replicas are registered; 03 is on no node';
  const reason = expect.stringContaining(
    "SYSTEM DROP REPLICA '03' FROM TABLE `otus_default`.`hw16_demo_products_local`",
  );
  await expect
    .poll(() => failures())
    .toMatchObject([
      { node: 'clickhouse-01', observed, reason },
      { node: 'clickhouse-03', observed, reason },
    ]);
  await own.cluster.node('clickhouse-01').command(`SYSTEM DROP REPLICA '03' FROM TABLE ${LOCAL}`);
  expect((await runCheck(replicaState, own.context())).status).toBe('passed');
});

test('a replica that coordination was made to forget while it was down is read-only', async () => {
  await own.runtime.stop('clickhouse-03');
  try {
    const { command } = own.cluster.node('clickhouse-01');
    await expect
      .poll(() => command(`SYSTEM DROP REPLICA '02' FROM TABLE ${LOCAL}`).catch(() => 'active'), {
        timeout: 20_000,
      })
      .toBeUndefined();
  } finally {
    await own.runtime.start('clickhouse-03');
  }
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-01', observed: '1 replicas are registered; 1 are active' },
    { node: 'clickhouse-03', observed: expect.stringMatching(/^read-only/) },
  ]);
});

test('a table that is not replicated on one node fails there', async () => {
  const { command } = own.cluster.node('clickhouse-02');
  await command(`DROP TABLE ${LOCAL} SYNC`);
  expect(await failures()).toContainEqual(
    expect.objectContaining({ node: 'clickhouse-02', observed: 'none in system.replicas' }),
  );
});

test('a table that by the contract is plain on each node is left out', async () => {
  const context = own.context();
  const tables = context.contract.tables.map((table) =>
    table.kind === 'local' ? { ...table, engine: 'MergeTree' } : table,
  );
  for (const { command } of own.cluster.nodes) {
    await command(`DROP TABLE IF EXISTS ${LOCAL} SYNC`);
    await command(`CREATE TABLE ${LOCAL} ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
  }
  const plain = { ...context, contract: { ...context.contract, tables } };
  for (const check of [replicaState, replicaPaths]) {
    expect(await runCheck(check, plain)).toMatchObject({
      status: 'skipped',
      findings: [{ observed: 'MergeTree' }],
    });
  }
});
