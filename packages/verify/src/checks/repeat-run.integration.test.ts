import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { LOCAL } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { repeatRun } from './repeat-run.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
});
beforeEach(async () => {
  context = platform.context(await platform.run());
});
afterAll(() => platform[Symbol.asyncDispose]());

test('passes after a run that can be repeated, with the date and seed of the first', async () => {
  const { status, findings } = await runCheck(repeatRun, context);
  expect(status).toBe('passed');
  const { rows, seed, as_of } = context.run.parameters;
  expect(findings[0]?.expected).toBe(`success with ${JSON.stringify({ rows, seed, as_of })}`);
  expect(findings.slice(1).map(({ node }) => node)).toEqual(
    platform.cluster.nodes.map(({ node }) => node.name),
  );
});

test('fails on both replicas whose content was another before the second run', async () => {
  await platform.cluster
    .node('clickhouse-02')
    .command(`ALTER TABLE ${LOCAL} UPDATE price = price + 1 WHERE 1 SETTINGS mutations_sync = 2`);
  const { findings } = await runCheck(repeatRun, context);
  expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { node: 'clickhouse-02' },
    { node: 'clickhouse-04' },
  ]);
});

test('fails on every node when the second run loads other rows', async () => {
  const parameters = { ...context.run.parameters, seed: 17 };
  const { findings } = await runCheck(repeatRun, {
    ...context,
    run: { ...context.run, parameters },
  });
  expect(findings.filter(({ status }) => status === 'failed')).toHaveLength(4);
  expect(findings[0]?.status).toBe('passed');
});
