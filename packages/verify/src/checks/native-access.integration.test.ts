import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { nativeLogin } from '../clickhouse/native-login.ts';
import { nativeAccess } from './native-access.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

const failures = async (context = own.context()) =>
  (await runCheck(nativeAccess, context)).findings.filter(({ status }) => status === 'failed');

test('nodes that accept nobody but whom they should pass, and outlive it', async () => {
  for (let times = 0; times < 3; times += 1) {
    const { status, findings } = await runCheck(nativeAccess, own.context());
    expect(status).toBe('passed');
    expect(findings).toHaveLength(4);
    expect(findings[0]?.observed).toMatch(
      /^administrator: accepted; .*default without a password: refused/,
    );
  }
});

test('a reader who needs no password on one node fails there', async () => {
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
  const { status, findings } = await runCheck(nativeAccess, own.context());
  await own.runtime.start('clickhouse-04');
  expect(status).toBe('inconclusive');
  expect(findings.filter((finding) => finding.status === 'passed')).toHaveLength(3);
});

test('a right password is accepted, a wrong one refused with the server’s code', async () => {
  const [node] = own.deployment.clickhouse.nodes;
  const { super_user_name: user, super_user_password: password } = own.secrets;
  expect(await nativeLogin(node!, { user, password })).toBeUndefined();
  expect(await nativeLogin(node!, { user, password: 'wrong'.repeat(50) })).toBe('516');
});

test('a port where something else answers is an error that names the node, not a refusal', async () => {
  await using other = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const node = own.deployment.clickhouse.nodes[1]!;
  const address = { host: '127.0.0.1', nativePort: port };
  const login = nativeLogin({ ...node, ...address }, { user: 'su', password: 'x' });
  await expect(login).rejects.toThrow(/clickhouse-02 .* native port: expected the greeting/);
});
