import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAuditor, AUDITOR } from '../../test/auditor.ts';
import { runCommand } from '../../test/command.ts';
import { ODD_TABLE_COUNT, oddTables } from '../../test/odd-tables.ts';
import { printedVerdicts } from '../../test/printed-run.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { startTlsProxies, type TlsProxies } from '../../test/tls-proxy.ts';

// An account that may only look, over TLS with a certificate authority of one's own.
let own: ReplicatedCluster;
let proxies: TlsProxies;
let folder: string;
let login: readonly string[];
beforeAll(async () => {
  own = await startReplicatedCluster({ coordinators: 3 });
  await addAuditor(own, ['odd']);
  const { cluster, nodes } = own.deployment.clickhouse;
  for (const statement of oddTables(cluster, 'odd')) await own.cluster.nodes[0]?.command(statement);
  proxies = await startTlsProxies(nodes.map(({ httpPort }) => httpPort));
  folder = await mkdtemp(join(tmpdir(), 'provehouse-odd-'));
  const password = join(folder, 'password');
  await writeFile(password, AUDITOR.password, { mode: 0o600 });
  const urls = [...proxies.ports.values()].map((port) => `https://127.0.0.1:${port}`);
  login = [...urls, '--ca', proxies.caFile, '--user', AUDITOR.name, '--password-file', password];
});
afterAll(async () => {
  await proxies?.[Symbol.asyncDispose]();
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const badFindings = (stdout: string) =>
  printedVerdicts(stdout).flatMap(({ check, findings }) =>
    findings
      .filter(({ status }) => status === 'failed' || status === 'inconclusive')
      .map(({ subject, node, observed }) => ({ check, subject, node, observed })),
  );

test('a cluster of odd but sound tables is proven without a contract', async () => {
  const { code, stdout, stderr } = await runCommand(['check', ...login, '--json']);
  expect(badFindings(stdout), stderr).toEqual([]);
  expect(code).toBe(0);
});

test('what init writes of it is green at once, and counts every table', async () => {
  const directory = join(folder, 'written');
  const written = await runCommand(['init', ...login, '--directory', directory]);
  expect(written.code, written.stderr).toBe(0);
  expect(written.stderr).toContain(`${ODD_TABLE_COUNT + 1} tables with rows`);
  const files = ['--deployment', join(directory, 'deployment.json')];
  const verified = await runCommand(
    ['cluster', '--json', ...files, '--contract', join(directory, 'contract.yaml')],
    folder,
  );
  expect(badFindings(verified.stdout), verified.stderr).toEqual([]);
  expect(verified.code).toBe(0);
  const judged = printedVerdicts(verified.stdout).find(({ check }) => check === 'replica-content');
  expect(judged?.findings.length).toBeGreaterThanOrEqual(ODD_TABLE_COUNT / 2);
});
