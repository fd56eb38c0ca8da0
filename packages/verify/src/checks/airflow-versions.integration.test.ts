import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAirflow, type Provider } from '@provehouse/infra/airflow';
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

/** The platform's Airflow, as if it had other packages. */
const withPackages = (change: (provider: Provider) => Provider): PlatformContext => {
  const airflow = connectAirflow(platform.deployment, platform.secrets);
  const changed = Object.assign(airflow, {
    providers: async () => (await platform.airflow.providers()).map(change),
  });
  return { ...context, airflow: changed };
};

test('passes when Airflow and its providers have the versions of the lock', async () => {
  const { status, findings } = await runCheck(airflowVersions, context);
  expect(status).toBe('passed');
  const providers = findings[1]?.evidence?.[0]?.rows.map(([name]) => name);
  expect(providers).toContain('apache-airflow-providers-clickhousedb');
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

test('fails when a provider has another version than the lock, and warns about that of an image', async () => {
  const other = withPackages((provider) =>
    provider.name === 'apache-airflow-providers-fab' ? { ...provider, version: '0.1' } : provider,
  );
  const { findings } = await runCheck(airflowVersions, other);
  expect(findings[1]).toMatchObject({
    status: 'failed',
    observed: expect.stringMatching(/^apache-airflow-providers-fab: 0\.1, locked \d/),
  });
  const deployment = { ...platform.deployment, runtime: 'docker' } as const;
  expect(await runCheck(airflowVersions, { ...other, deployment })).toMatchObject({
    status: 'warned',
  });
});

test('of an Airflow that somebody else runs the lock is not known', async () => {
  const deployment = { ...platform.deployment, runtime: 'external' } as const;
  const { findings } = await runCheck(airflowVersions, { ...context, deployment });
  expect(findings.map(({ status }) => status)).toEqual(['passed', 'skipped']);
});
