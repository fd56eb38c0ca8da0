import { whyNotDropped } from '@provehouse/infra';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import { forget } from '../../test/coordination-client.ts';
import { cutFromCoordination } from '../../test/cut-from-coordination.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { coordination } from './coordination.ts';
import { replicaState } from './replica-state.ts';

const noCuts = await whyNotDropped();

let own: ReplicatedCluster;
let members: string[];
beforeAll(async () => {
  own = await startReplicatedCluster({ coordinators: 3 });
  members = (own.deployment.clickhouse.coordination?.servers ?? []).map(({ name = '' }) => name);
});
beforeEach(() => own.load());
afterAll(() => own?.[Symbol.asyncDispose]());

const failures = async (context: ClusterContext = impatient(own.context())) =>
  (await runCheck(coordination, context)).findings.filter((f) => f.status === 'failed');

test('a healthy ensemble and its nodes pass', async () => {
  const { status, findings } = await runCheck(coordination, own.context());
  expect(status).toBe('passed');
  // A session and a registration for each node, three members, and the ensemble.
  expect(findings).toHaveLength(12);
});

test('one lost member fails, although a quorum is left', async () => {
  const [victim = ''] = members;
  await own.runtime.kill(victim);
  try {
    await expect
      .poll(() => failures(), { timeout: 30_000 })
      .toMatchObject([{ node: victim, subject: 'member of the ensemble' }]);
  } finally {
    await own.runtime.start(victim);
  }
});

test('without a quorum every node has lost its session, and there is no leader', async () => {
  const victims = members.slice(0, 2);
  await Promise.all(victims.map((victim) => own.runtime.kill(victim)));
  try {
    const subjects = () =>
      failures().then((found) => found.map(({ subject, node }) => `${subject} ${node ?? ''}`));
    await expect
      .poll(subjects, { timeout: 30_000 })
      .toEqual(
        expect.arrayContaining([
          'ensemble ',
          ...['01', '02', '03', '04'].map((number) => `session clickhouse-${number}`),
        ]),
      );
  } finally {
    await Promise.all(victims.map((victim) => own.runtime.start(victim)));
  }
  await expect
    .poll(
      async () =>
        Promise.all(
          [coordination, replicaState].map(
            async (check) => (await runCheck(check, own.context())).status,
          ),
        ),
      { timeout: 60_000 },
    )
    .toEqual(['passed', 'passed']);
});

test('a deployment that does not name its coordinators skips them, with the reason', async () => {
  const { coordination: _, ...clickhouse } = own.deployment.clickhouse;
  const context = { ...own.context(), deployment: { ...own.deployment, clickhouse } };
  const { findings } = await runCheck(coordination, context);
  expect(findings.filter(({ status }) => status === 'skipped')).toMatchObject([
    { subject: 'ensemble' },
  ]);
});

test('a replica whose entry is gone is not active', async () => {
  const path = await own.replicaPath('clickhouse-03');
  await forget(own.deployment.clickhouse.coordination!.servers[0]!, path);
  await expect
    .poll(() => failures())
    .toMatchObject([
      {
        node: 'clickhouse-03',
        subject: 'hw16_demo_products_local, registration',
        observed: 'not active',
      },
    ]);
});

test.skipIf(noCuts !== undefined)(
  `a node that was cut off has lost its session, and passes with the next one (${noCuts ?? 'root'})`,
  async () => {
    {
      await using _ = await cutFromCoordination(own, 'clickhouse-03');
      const found = async () => {
        const lost = await failures();
        return lost.map(({ subject, node }) => `${node} ${subject}`);
      };
      await expect
        .poll(found, { timeout: 60_000 })
        .toEqual(['clickhouse-03 session', 'clickhouse-03 hw16_demo_products_local, registration']);
      const state = await runCheck(replicaState, impatient(own.context()));
      const bad = state.findings.filter(({ status }) => status === 'failed');
      expect(bad).toMatchObject([
        { node: 'clickhouse-01', observed: '1 are active' },
        { node: 'clickhouse-03', observed: expect.stringMatching(/^read-only/) },
      ]);
    }
    const statuses = () =>
      Promise.all(
        [coordination, replicaState].map(
          async (check) => (await runCheck(check, own.context())).status,
        ),
      );
    await expect.poll(statuses, { timeout: 60_000 }).toEqual(['passed', 'passed']);
  },
);
