import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from '../../test/command.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { AS_OF } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { nodesAnswer } from './nodes-answer.ts';

const FROZEN_NODE_MAY_COST_MS = 20_000;

const findingSchema = z.looseObject({
  status: z.string(),
  node: z.string().optional(),
  observed: z.string(),
});
const runSchema = z.object({
  durationMs: z.number(),
  verdicts: z.array(
    z.object({ check: z.string(), status: z.string(), findings: z.array(findingSchema) }),
  ),
});

let own: ReplicatedCluster;
let healthyMs: number;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await own.load();
  const { durationMs, verdicts } = await verify();
  expect(bad(verdicts)).toEqual([]);
  healthyMs = durationMs;
});
afterEach(async () => {
  await own.runtime.thaw('clickhouse-02');
  if ((await own.runtime.status()).some(({ state }) => state !== 'ready')) {
    await own.runtime.start('clickhouse-02');
  }
  const session = 'SELECT is_readonly AS away FROM system.replicas WHERE is_session_expired';
  await expect
    .poll(() => own.cluster.node('clickhouse-02').query(session, z.object({})), { timeout: 60_000 })
    .toEqual([]);
});
afterAll(() => own[Symbol.asyncDispose]());

type Run = z.infer<typeof runSchema> & { readonly stderr: string };

/** Runs verify:cluster as people do, on the cluster of the test. */
async function verify(...words: string[]): Promise<Run> {
  const file = join(own.runtime.directory, 'deployment.json');
  const facts = ['--rows', '1000', '--parameter', `as_of=${AS_OF}`];
  const command = ['cluster', '--json', '--deployment', file, ...facts, ...words];
  const { code, stdout, stderr } = await runCommand(command);
  expect([0, 1], stderr).toContain(code);
  return { ...runSchema.parse(JSON.parse(stdout)), stderr };
}

const bad = (verdicts: Run['verdicts']) =>
  verdicts
    .filter(({ status }) => status !== 'passed' && status !== 'skipped' && status !== 'warned')
    .map(({ check, findings }) => ({
      check,
      nodes: findings.filter(({ status }) => status === 'failed').map(({ node }) => node),
    }));

const SILENT = [{ check: 'nodes-answer', nodes: ['clickhouse-02'] }];

test('nodes that answer pass, each of them', async () => {
  const { status, findings } = await runCheck(nodesAnswer, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ node }) => node)).toEqual(own.cluster.nodes.map(({ node }) => node.name));
});

test('a frozen node is one failure, named at once, and costs its time once', async () => {
  await own.runtime.freeze('clickhouse-02');
  const { stderr, verdicts, durationMs } = await verify();
  expect(stderr).toMatch(/^clickhouse-02 \(.*\) does not answer: no answer within 5 s\n/);
  expect(bad(verdicts)).toEqual(SILENT);
  expect(durationMs - healthyMs).toBeLessThan(FROZEN_NODE_MAY_COST_MS);
  const content = verdicts.find(({ check }) => check === 'replica-content');
  expect(content?.findings).toContainEqual(
    expect.objectContaining({
      ...{ status: 'skipped', node: 'clickhouse-02', observed: 'not looked at' },
      reason: expect.stringContaining('clickhouse-02'),
    }),
  );
});

test('a dead node is one failure, whichever checks were chosen, and the others are judged', async () => {
  await own.runtime.kill('clickhouse-02');
  const { stderr, verdicts } = await verify();
  expect(stderr).toMatch(/^clickhouse-02 \(.*\) does not answer: connect ECONNREFUSED /);
  expect(bad(verdicts)).toEqual(SILENT);
  expect(verdicts.filter(({ status }) => status === 'passed').length).toBeGreaterThan(10);
  expect((await runCheck(nodesAnswer, own.context())).status).toBe('failed');
  const chosen = await verify('--only', 'macros');
  expect(chosen.verdicts.map(({ check, status }) => [check, status])).toEqual([
    ['nodes-answer', 'failed'],
    ['macros', 'passed'],
  ]);
});
