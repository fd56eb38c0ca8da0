import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutRun } from '../../test/changed-context.ts';
import {
  LOCAL,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { droppedDuplicates } from './dropped-duplicates.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

test('a cluster on which every insert brought its rows passes', async () => {
  const { status, findings } = await runCheck(droppedDuplicates, withoutRun(own.context()));
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
});

test('rows that were deleted and inserted again in vain warn, unless rows are stated', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  const insert = `INSERT INTO ${LOCAL} VALUES (5000, 'a', 'Books', 10, '2026-01-01 00:00:00')`;
  await command(insert);
  await command(`ALTER TABLE ${LOCAL} DELETE WHERE id >= 5000 SETTINGS mutations_sync = 2`);
  await command(insert);
  const { findings } = await runCheck(droppedDuplicates, withoutRun(own.context()));
  expect(findings.filter(({ status }) => status !== 'passed')).toMatchObject([
    {
      status: 'warned',
      node: 'clickhouse-01',
      observed: expect.stringMatching(/^[1-9]\d* blocks dropped as duplicates in \d+ s/),
    },
  ]);
  expect((await runCheck(droppedDuplicates, own.context())).status).toBe('passed');
});
