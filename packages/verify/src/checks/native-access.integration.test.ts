import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { nativeLogin } from '../clickhouse/native-login.ts';
import { nativeAccess } from './native-access.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

test('with the embedded engine the check is skipped with the reason', async () => {
  const { status, findings } = await runCheck(nativeAccess, own.context());
  expect(status).toBe('skipped');
  expect(findings[0]?.reason).toMatch(/ends itself/);
});

test('a right password is let in, a wrong one refused with the server’s code', async () => {
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
