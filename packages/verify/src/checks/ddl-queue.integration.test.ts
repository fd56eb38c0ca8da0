import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { ddlQueue } from './ddl-queue.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** Gives a statement for all nodes, without waiting for the one that cannot hear it. */
const give = (statement: string): void =>
  void own.cluster
    .node('clickhouse-01')
    .command(statement)
    .catch(() => undefined);

test('statements that every node has executed pass', async () => {
  const { status, findings } = await runCheck(ddlQueue, own.context());
  expect(status).toBe('passed');
  expect(findings[0]?.observed).toMatch(/^(\d+) of \1 are$/);
});

test('what hosts have executed that the cluster no longer has passes', async () => {
  const { clickhouse } = own.deployment;
  const fewer = { ...clickhouse, nodes: clickhouse.nodes.slice(0, 2) };
  const nodes = own.cluster.nodes.slice(0, 2);
  const { status } = await runCheck(ddlQueue, {
    ...own.context(),
    deployment: { ...own.deployment, clickhouse: fewer },
    cluster: { ...own.cluster, nodes },
  });
  expect(status).toBe('passed');
});

test('a node that was left out of a statement fails, and passes once it has caught up', async () => {
  await own.runtime.stop('clickhouse-04');
  try {
    give(`CREATE TABLE otus_default.left_out ON CLUSTER dwh_test (password String) ENGINE = Log`);
    const failures = async () =>
      (await runCheck(ddlQueue, impatient(own.context()))).findings.filter(
        ({ status }) => status === 'failed',
      );
    await expect
      .poll(failures, { timeout: 20_000 })
      .toMatchObject([{ observed: 'clickhouse-04: has not' }]);
  } finally {
    await own.runtime.start('clickhouse-04');
  }
  await expect
    .poll(async () => (await runCheck(ddlQueue, own.context())).status, { timeout: 60_000 })
    .toBe('passed');
});

test('a statement that is still being executed when the check first looks is no fault', async () => {
  await own.runtime.stop('clickhouse-04');
  give(`CREATE TABLE otus_default.late ON CLUSTER dwh_test (id UInt8) ENGINE = Log`);
  const late = repairedAfter(patient(own.context()), 'clickhouse-01', /finished/, () =>
    own.runtime.start('clickhouse-04'),
  );
  expect((await runCheck(ddlQueue, late)).status).toBe('passed');
});

test('what waits for a host fails while a node has it in a cluster, and warns when none has', async () => {
  const config = join(own.runtime.directory, 'config', 'clickhouse-01', 'config.xml');
  const text = await readFile(config, 'utf8');
  const { nativePort } = own.cluster.node('clickhouse-04').node;
  const found = async () =>
    (await runCheck(ddlQueue, impatient(own.context()))).findings.map(
      ({ status, observed }) => `${status} ${observed}`,
    );
  await writeFile(config, text.replace(`<port>${nativePort}</port>`, '<port>1</port>'));
  await own.runtime.restart('clickhouse-01');
  try {
    give('CREATE TABLE otus_default.astray ON CLUSTER dwh_test (id UInt8) ENGINE = Log');
    await expect.poll(found, { timeout: 30_000 }).toEqual(['failed 127.0.0.1:1: has not']);
  } finally {
    await writeFile(config, text);
    await own.runtime.restart('clickhouse-01');
  }
  await expect
    .poll(found, { timeout: 30_000 })
    .toEqual(['warned 127.0.0.1:1: has not, and is in no cluster']);
});

test('a statement that fails on a node fails, without its literals', async () => {
  const { command } = own.cluster.node('clickhouse-02');
  await command('CREATE TABLE otus_default.in_the_way (id UInt8) ENGINE = Log');
  await own.cluster
    .node('clickhouse-01')
    .command(
      `CREATE TABLE otus_default.in_the_way ON CLUSTER dwh_test (id UInt8 DEFAULT length('s3cret')) ENGINE = Log`,
    )
    .catch(() => undefined);
  const { findings } = await runCheck(ddlQueue, impatient(own.context()));
  const failed = findings.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([
    { observed: expect.stringMatching(/clickhouse-02: .*in_the_way/) },
  ]);
  expect(JSON.stringify(findings)).not.toContain('s3cret');
});

test('a statement that failed and was given again passes', async () => {
  const statement = `CREATE TABLE otus_default.second ON CLUSTER dwh_test (id UInt8) ENGINE = Log`;
  const { command } = own.cluster.node('clickhouse-02');
  const found = async () =>
    JSON.stringify((await runCheck(ddlQueue, impatient(own.context()))).findings);
  await command('CREATE TABLE otus_default.second (id UInt8) ENGINE = Log');
  await own.cluster
    .node('clickhouse-01')
    .command(statement)
    .catch(() => undefined);
  await expect.poll(found, { timeout: 20_000 }).toContain('second');
  for (const node of own.cluster.nodes) {
    await node.command('DROP TABLE IF EXISTS otus_default.second SYNC');
  }
  await own.cluster.node('clickhouse-01').command(statement);
  await expect.poll(found, { timeout: 20_000 }).not.toContain('second');
});
