import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { clickhouseVersions } from './clickhouse-versions.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

test('nodes of the deployment’s version pass', async () => {
  const { status, findings } = await runCheck(clickhouseVersions, own.context());
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
});

test('nodes that were upgraded since the deployment was written fail', async () => {
  const { deployment, ...context } = own.context();
  const older = { ...deployment.clickhouse, version: '25.8.1.1' };
  const { findings } = await runCheck(clickhouseVersions, {
    ...context,
    deployment: { ...deployment, clickhouse: older },
  });
  expect(findings.map(({ status, expected }) => [status, expected])).toEqual(
    Array(4).fill(['failed', '25.8.1.1']),
  );
});

test('a node that is down is inconclusive, not of the right version', async () => {
  await own.runtime.stop('clickhouse-04');
  const { status, findings } = await runCheck(clickhouseVersions, own.context());
  await own.runtime.start('clickhouse-04');
  expect(status).toBe('inconclusive');
  expect(findings.find(({ node }) => node === 'clickhouse-04')?.observed).toMatch(/ECONNREFUSED/);
});
