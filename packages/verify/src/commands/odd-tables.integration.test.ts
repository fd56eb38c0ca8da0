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
import type { Finding } from '../verdict.ts';

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

// The last one: it damages what the others find sound.
test('what is wrong with tables whose columns have the names of results is found, with rows and keys', async () => {
  const [first, , third] = own.cluster.nodes;
  await third?.command('SYSTEM STOP FETCHES odd.named_as_results_merged_local');
  await first?.command(
    `INSERT INTO odd.named_as_results_merged_local (rows, content, key) VALUES (7, 'only here', 9)`,
  );
  await first?.command(
    'INSERT INTO odd.named_as_results_local (id, rows, key) SELECT number, 4, 2 FROM numbers(3000)',
  );
  const only = ['--only', 'placement,spread,replica-content,shard-rows,partitions,replica-parts'];
  const { code, stdout } = await runCommand(['check', ...login, '--json', ...only]);
  expect(code).toBe(1);
  const verdicts = printedVerdicts(stdout);
  const found = (check: string): readonly Finding[] =>
    verdicts
      .filter((verdict) => verdict.check === check)
      .flatMap(({ findings }) =>
        findings.filter(({ status }) => ['warned', 'failed'].includes(status)),
      );
  const rowsOf = (findings: readonly Finding[]) =>
    findings.flatMap(({ evidence = [] }) => evidence).map(({ title, rows }) => [title, rows]);
  expect(badFindings(stdout).filter(({ observed }) => /in: SELECT/.test(observed))).toEqual([]);
  expect(found('placement').map(({ observed }) => observed)).toEqual(
    Array(2).fill('3000 of 4001 rows belong to another shard'),
  );
  expect(rowsOf(found('placement'))[0]).toEqual([
    'Rows on clickhouse-01 whose remainder is not 0 … 0',
    expect.arrayContaining([expect.arrayContaining([4, 2])]),
  ]);
  expect(found('spread')).toContainEqual(
    expect.objectContaining({
      subject: 'named_as_results',
      reason: expect.stringContaining('key = 2, rows = 4'),
    }),
  );
  expect(rowsOf(found('replica-content'))).toContainEqual([
    'Rows that only one of clickhouse-01 and clickhouse-03 has',
    [expect.arrayContaining(['clickhouse-01', 'only here'])],
  ]);
});
