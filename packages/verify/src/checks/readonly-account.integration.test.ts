import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runChecks } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { clusterChecks } from './index.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

test('an account that may change no setting judges a sound cluster by all checks, and none fails to ask', async () => {
  const { super_user_name: user, super_user_password: password } = own.secrets;
  const locked = (text: string) =>
    text
      .replace('<profiles>', '<profiles><locked><readonly>1</readonly></locked>')
      .replace(RegExp(`(<${user}>.*?<profile>)default`, 's'), '$1locked');
  // They stay so: to make the cluster again takes no longer than to restart its nodes.
  await Promise.all(
    own.cluster.nodes.map(({ node }) => editedConfig(own, node.name, 'users.xml', locked)),
  );
  await using cluster = connectCluster(own.deployment, { user, password });
  const verdicts = await runChecks(clusterChecks, { ...own.context(), cluster });
  const open = verdicts.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  expect(open.flatMap(({ check, findings }) => [check, ...findings])).toEqual([]);
  expect(verdicts.find(({ check }) => check === 'replica-content')?.status).toBe('passed');
  const partitions = verdicts.find(({ check }) => check === 'partitions');
  expect(new Set(partitions?.findings.map(({ observed }) => observed))).toEqual(
    new Set([
      'the account may not set optimize_use_projections, optimize_use_implicit_projections',
    ]),
  );
});
