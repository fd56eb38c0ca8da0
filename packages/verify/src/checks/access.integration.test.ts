import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { access } from './access.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

const failures = async (context = own.context()) =>
  (await runCheck(access, context)).findings.filter(({ status }) => status === 'failed');

test('nodes that accept nobody but whom they should pass, and no password is in the findings', async () => {
  const { status, findings } = await runCheck(access, own.context());
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
  expect(findings[0]?.observed).toMatch(
    /^administrator: accepted; .*default without a password: refused/,
  );
  expect(JSON.stringify(findings)).not.toContain(own.secrets.super_user_password);
});

test('a node where default gets in fails alone', async (ctx) => {
  ctx.skip(
    own.deployment.runtime === 'docker',
    'an image keeps the user default in a file of its own',
  );
  await using _ = await editedConfig(own, 'clickhouse-02', 'users.xml', (text) =>
    text.replace('<profile>engine<', '<profile>default<'),
  );
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-02', observed: 'default without a password: accepted' },
  ]);
});

test('a reader who needs no password fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-03', 'users.xml', (text) =>
    text.replace(
      /(<bi_user>\s*)<password_sha256_hex>.*<\/password_sha256_hex>/,
      '$1<password></password>',
    ),
  );
  expect(await failures()).toMatchObject([
    {
      node: 'clickhouse-03',
      observed: expect.stringContaining('reader without a password: accepted'),
    },
  ]);
});

test('an account that is refused although its password is right fails everywhere', async () => {
  const context = own.context();
  const secrets = { ...context.secrets, bi_user_password: 'rotated-but-not-applied' };
  expect(await failures({ ...context, secrets })).toMatchObject(
    Array(4).fill({ observed: 'reader: refused, error 516' }),
  );
});

test('a node that does not answer is inconclusive: silence is no refusal', async () => {
  await own.runtime.stop('clickhouse-04');
  const { status, findings } = await runCheck(access, own.context());
  await own.runtime.start('clickhouse-04');
  expect(status).toBe('inconclusive');
  expect(findings.filter((finding) => finding.status === 'passed')).toHaveLength(3);
});
