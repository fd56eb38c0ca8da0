import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AirflowClient } from '@provehouse/infra/airflow';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { componentHealth } from './component-health.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  context = platform.context(await platform.run());
});
afterEach(() => platform.runtime.up());
afterAll(() => platform[Symbol.asyncDispose]());

const failedSubjects = async (given = context): Promise<(string | undefined)[]> => {
  const { findings } = await runCheck(componentHealth, given);
  return findings.filter(({ status }) => status === 'failed').map(({ subject }) => subject);
};

test('passes when everything runs, and looks at each component, the workers and their queue', async () => {
  const { status, findings } = await runCheck(componentHealth, context);
  expect(findings.map(({ subject }) => subject)).toEqual([
    'api-server',
    'metadatabase',
    'scheduler',
    'triggerer',
    'dag-processor',
    'flower',
    'workers',
    'queue default',
  ]);
  expect(status).toBe('passed');
});

test.each(['triggerer', 'dag-processor'])('fails when the %s has stopped', async (component) => {
  await platform.runtime.stop(`airflow-${component}`);
  await expect.poll(() => failedSubjects(), { timeout: 60_000 }).toEqual([component]);
});

test('fails when the worker has stopped, although Flower still remembers it', async () => {
  await platform.runtime.stop('airflow-worker');
  expect(await failedSubjects()).toEqual(['workers', 'queue default']);
});

test('fails without Flower, and still judges the rest', async () => {
  await platform.runtime.stop('airflow-flower');
  expect(await failedSubjects()).toEqual(['flower']);
});

test('fails when nobody answers at the address of the API', async () => {
  const account = { username: 'admin', password: platform.secrets.airflow_admin_password };
  const airflow = new AirflowClient('http://127.0.0.1:9', account);
  const { findings } = await runCheck(componentHealth, { ...context, airflow });
  expect(findings[0]).toMatchObject({ subject: 'api-server', status: 'failed' });
  expect(JSON.stringify(findings)).not.toContain(account.password);
});
