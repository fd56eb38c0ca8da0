import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { airflowVersions } from './airflow-versions.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  context = platform.context(await platform.run());
});
afterAll(() => platform[Symbol.asyncDispose]());

test('passes when Airflow says the version of the deployment', async () => {
  expect(await runCheck(airflowVersions, context)).toMatchObject({ status: 'passed' });
});

test('fails when another version runs than the deployment names', async () => {
  const airflow = { ...platform.deployment.airflow!, version: '3.0.0' };
  const deployment = { ...platform.deployment, airflow };
  const { status, findings } = await runCheck(airflowVersions, { ...context, deployment });
  expect(status).toBe('failed');
  expect(findings[0]).toMatchObject({
    expected: '3.0.0',
    observed: platform.deployment.airflow?.version,
  });
});
