import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateSecrets } from '@provehouse/secrets';
import { expect, onTestFinished, test } from 'vitest';
import { describeGrafana } from './grafana-container.ts';

/** A plan whose Grafana answers so. */
async function planOf(answer: string): Promise<{ ports: { grafana: number } }> {
  const server = createServer((request, response) =>
    response.end(request.url === '/api/health' ? answer : 'another page'),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { ports: { grafana: (server.address() as AddressInfo).port } };
}

const secrets = generateSecrets();

test('the deployment has where it is, its version and who the administrator is', async () => {
  const plan = await planOf('{"commit":"0","database":"ok","version":"12.4.10"}');
  const url = `http://127.0.0.1:${plan.ports.grafana}`;
  expect(await describeGrafana(plan, secrets)).toEqual({
    grafana: { url, version: '12.4.10', user: secrets.grafana_admin_username },
  });
});

test('something else at its port is no Grafana', async () => {
  const describing = describeGrafana(await planOf('<html>'), secrets);
  await expect(describing).rejects.toThrow(
    /Expected Grafana's version at http:\S+\/api\/health, found <html>\. .*infra:logs grafana/,
  );
});

test('a platform without it says nothing of it', async () => {
  expect(await describeGrafana({ ports: {} }, secrets)).toEqual({});
  // Its port may be set all the same.
  const leftOut = { ports: { grafana: 3000 }, unavailable: { grafana: 'no registry has it' } };
  expect(await describeGrafana(leftOut, secrets)).toEqual({});
});
