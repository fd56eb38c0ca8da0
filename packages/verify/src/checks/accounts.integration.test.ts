import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { accounts } from './accounts.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

const failures = async (context = own.context()) =>
  (await runCheck(accounts, context)).findings.filter(({ status }) => status === 'failed');
const withUser = (user: string) =>
  editedConfig(own, 'clickhouse-03', 'users.xml', (text) =>
    text.replace('</users>', `${user}</users>`),
  );
const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('the platform’s own users pass on every node', async () => {
  const { status, findings } = await runCheck(accounts, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual(Array(4).fill('bi_user, default, su'));
});

test('a user without a password on one node fails there, whoever runs the platform', async () => {
  await using _ = await withUser('<guest><no_password/></guest>');
  const context = own.context();
  const external = { ...context.deployment, runtime: 'external' } as const;
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-03', observed: 'guest has no_password; guest is not known' },
  ]);
  expect(await failures({ ...context, deployment: external })).toMatchObject([
    { node: 'clickhouse-03', observed: 'guest has no_password' },
  ]);
});

test('an unknown user with a password fails on a platform of this project alone', async () => {
  await using _ = await withUser(
    `<guest><password_sha256_hex>${HASH}</password_sha256_hex></guest>`,
  );
  const context = own.context();
  const external = { ...context.deployment, runtime: 'external' } as const;
  expect(await failures()).toMatchObject([{ observed: 'guest is not known' }]);
  expect(await failures({ ...context, deployment: external })).toEqual([]);
});

test('a password in clear text fails', async () => {
  await using _ = await withUser('<guest><password>known to all</password></guest>');
  expect(await failures()).toMatchObject([
    { observed: expect.stringContaining('guest has plaintext_password') },
  ]);
});
