import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, repairedAfter } from '../../test/changed-context.ts';
import {
  DISTRIBUTED,
  sampleRows,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { distributionQueue } from './distribution-queue.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const inBackground = `INSERT INTO ${DISTRIBUTED} ${sampleRows(1001, 1100).replace(
  'distributed_foreground_insert = 1',
  'distributed_foreground_insert = 0',
)}`;

test('empty queues pass on every node', async () => {
  const { status, findings } = await runCheck(distributionQueue, own.context());
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
});

test('rows that wait for a stopped node fail on the node where they wait', async () => {
  await own.runtime.stop('clickhouse-04');
  try {
    await own.cluster.node('clickhouse-01').command(inBackground);
    const { findings } = await runCheck(distributionQueue, impatient(own.context()));
    expect(findings).toMatchObject([
      {
        status: 'failed',
        node: 'clickhouse-01',
        observed: expect.stringMatching(/^[1-9]\d* files? pending/),
      },
      { status: 'passed', node: 'clickhouse-02' },
      { status: 'passed', node: 'clickhouse-03' },
      { status: 'inconclusive', node: 'clickhouse-04' },
    ]);
  } finally {
    await own.runtime.start('clickhouse-04');
  }
});

test('a queue that is blocked fails even when nothing waits yet', async () => {
  const { command } = own.cluster.node('clickhouse-02');
  await command(inBackground);
  await command(`SYSTEM FLUSH DISTRIBUTED ${DISTRIBUTED}`);
  await command(`SYSTEM STOP DISTRIBUTED SENDS ${DISTRIBUTED}`);
  const { findings } = await runCheck(distributionQueue, impatient(own.context()));
  await command(`SYSTEM START DISTRIBUTED SENDS ${DISTRIBUTED}`);
  expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { node: 'clickhouse-02', observed: '0 files pending, 0 broken, sending is blocked' },
  ]);
});

test('rows that are sent while the check looks pass', async () => {
  const { command } = own.cluster.node('clickhouse-02');
  await command(`SYSTEM STOP DISTRIBUTED SENDS ${DISTRIBUTED}`);
  await command(inBackground);
  const send = async (): Promise<void> => {
    await command(`SYSTEM START DISTRIBUTED SENDS ${DISTRIBUTED}`);
    await command(`SYSTEM FLUSH DISTRIBUTED ${DISTRIBUTED}`);
  };
  const late = repairedAfter(own.context(), 'clickhouse-02', /distribution_queue\s+WHERE/, send);
  const verdict = await runCheck(distributionQueue, late);
  expect(verdict.status).toBe('passed');
  expect(verdict.durationMs).toBeGreaterThan(200);
});

test('a node without the table is inconclusive: nothing is wrong with what is not there', async () => {
  await own.cluster.node('clickhouse-02').command(`DROP TABLE ${DISTRIBUTED}`);
  const { findings } = await runCheck(distributionQueue, impatient(own.context()));
  const unproven = findings.filter(({ status }) => status !== 'passed');
  expect(unproven).toMatchObject([{ status: 'inconclusive', node: 'clickhouse-02' }]);
});
