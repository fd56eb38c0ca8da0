import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import {
  hasServer,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { coordination } from './coordination.ts';
import { replicaState } from './replica-state.ts';

describe.skipIf(!hasServer)('coordination (skipped where no ClickHouse server is)', () => {
  let own: ReplicatedCluster;
  let members: string[];
  beforeAll(async () => {
    own = await startReplicatedCluster();
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
});
