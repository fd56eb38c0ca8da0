import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  archiveOf,
  assetFiles,
  dockerRuntime,
  readDeployment,
  supersetAdmin,
  SupersetClient,
  type AssetFiles,
} from '@provehouse/infra';
import {
  FIELDS,
  generateSecrets,
  readSecrets,
  rotateSecrets,
  writeSecrets,
  type Secrets,
} from '@provehouse/secrets';
import { docker, hasEngine } from '../offline/images/docker.ts';

const workspace = join(import.meta.dirname, '../..');
const NAME = 'acceptance-containers';
const PIPELINES = [
  'events_stream',
  'files_from_bucket',
  'hw16_data_loading_pipeline',
  'products_from_api',
];
/** Each of them is run twice, and one more often by the drill. */
const PIPELINES_TIMEOUT_MS = 900_000;
const reachable = await hasEngine();
const reason = 'no container engine can be reached';
if (!reachable) process.stderr.write(`\nNOT TESTED: the platform in containers: ${reason}\n`);
beforeEach(({ skip }) => skip(!reachable, reason));

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-acceptance-'));
  await mkdir(join(home, NAME));
  await writeSecrets(join(home, NAME, 'secrets.env'), hardSecrets(), { force: false });
});
afterAll(async () => {
  if (reachable) await dockerRuntime({ home, name: NAME }).down({ purge: true });
  await rm(home, { recursive: true });
});

/** Passwords that have another character for who decodes an address once too often. */
function hardSecrets(): Secrets {
  const passwords = Object.entries(FIELDS).flatMap(([name, { kind }]) =>
    kind === 'password' ? [name] : [],
  );
  const secrets = rotateSecrets(generateSecrets(), passwords);
  const hard = Object.entries(secrets).filter(([name]) => passwords.includes(name));
  return { ...secrets, ...Object.fromEntries(hard.map(([name, value]) => [name, `${value}%41`])) };
}

/** Runs an Nx target as a user does; gives its exit code and output. */
async function target(name: string, ...words: string[]) {
  const nx = join(workspace, 'node_modules/.bin/nx');
  const child = spawn(nx, ['run', name, '--name', NAME, ...words], {
    cwd: workspace,
    env: { ...process.env, PROVEHOUSE_HOME: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: Number(code), output: output + errors };
}

const remains = async (what: string, ...words: string[]): Promise<string> =>
  docker([what, 'ls', '--quiet', ...words, '--filter', `label=org.provehouse.platform=${NAME}`]);

test('the platform comes up in containers, with all modules', async () => {
  const words = ['--runtime', 'docker', '--with', 'kafka,storage,api,superset'];
  const { code, output } = await target('infra:up', ...words);
  expect(code, output).toBe(0);
  for (const component of ['airflow-worker', 'kafka', 'minio', 'api', 'superset']) {
    expect(output).toMatch(new RegExp(`${component} +ready`));
  }
  expect(output).toMatch(/It can: ReplicatedMergeTree, ON CLUSTER/);
  expect(output).toMatch(/is up after/);
});

test(
  'all checks of all pipelines are judged on it and pass, secrets are searched for, and the report says docker',
  { timeout: PIPELINES_TIMEOUT_MS },
  async () => {
    const { code, output } = await target('verify:e2e', '--all-pipelines');
    expect(code, output).toBe(0);
    for (const pipeline of PIPELINES) {
      expect(output).toMatch(new RegExp(`^passed +${pipeline}$`, 'm'));
    }
    // The tables of two pipelines have no partitions, and nothing else is skipped.
    const skipped = output.split('\n').filter((line) => line.startsWith('– '));
    const unpartitioned = expect.stringMatching(/by partition .*The table is not partitioned/);
    expect(skipped).toEqual([unpartitioned, unpartitioned]);
    const { code: reported, output: said } = await target('verify:report');
    expect(reported, said).toBe(0);
    const verdicts = await readFile(join(home, NAME, 'verify/verdicts.json'), 'utf8');
    expect(verdicts).toMatch(/outputs and descriptions/);
    const [environment = ''] = (
      await readdir(join(home, NAME, 'verify'), { recursive: true })
    ).filter((file) => file.endsWith('provehouse-environment.json'));
    expect(await readFile(join(home, NAME, 'verify', environment), 'utf8')).toContain('docker');
  },
);

test(
  'each event of the stream is there once after a drill killed the container of Kafka',
  { timeout: PIPELINES_TIMEOUT_MS },
  async () => {
    const { code, output } = await target('verify:drill', 'kill-kafka', '--seed', '5');
    expect(code, output).toBe(0);
    expect(output).toMatch(/✓ kill-kafka: .* (\d+) of \1 rows, 0 lost, 0 unexpected/);
  },
);

test('nothing has drifted', async () => {
  const { code, output } = await target('infra:plan', '--runtime', 'docker');
  expect(code, output).toBe(0);
  expect(output).toMatch(/No changes/);
});

/** Has every chart that counts rows count one more. */
async function falsifyCharts(secrets: Secrets): Promise<void> {
  const { superset } = await readDeployment(join(home, NAME, 'deployment.json'));
  const { bi_user_name: user, bi_user_password: password } = secrets;
  const place = { host: 'clickhouse-01', port: 8123, database: 'otus_default' };
  const text = JSON.stringify(assetFiles({ ...place, user, password }));
  const changed = JSON.parse(text.replaceAll('count()', 'count() + 1')) as AssetFiles;
  const client = new SupersetClient(superset?.url ?? '', supersetAdmin(secrets));
  await client.importAssets(archiveOf(changed));
}

test('a secret in the output of a container and a chart that shows something else make the verification fail', async () => {
  const secrets = await readSecrets(join(home, NAME, 'secrets.env'));
  await falsifyCharts(secrets);
  const { bi_user_password: password } = secrets;
  const worker = `provehouse-${NAME}-airflow-worker`;
  const file = join(home, 'leak');
  await writeFile(file, `${password}\n`);
  await docker(['cp', file, `${worker}:/opt/airflow/logs/leak`]);
  const { code, output } = await target('verify:e2e', '--only', 'secret-leaks,bi');
  expect(code, output).toBe(1);
  expect(output).toMatch(/1 rows where ClickHouse has 1, 1 of them others/);
  expect(output).toMatch(/bi_user_password/);
  expect(output).not.toContain(password);
});

test('a second worker is added without touching anything else', async () => {
  const format = '{{.ID}} {{.Names}}';
  const list = async (): Promise<string[]> =>
    (await docker(['ps', '--format', format, '--filter', `label=org.provehouse.platform=${NAME}`]))
      .split('\n')
      .toSorted();
  const before = await list();
  const { code, output } = await target('infra:up', '--workers', '2');
  expect(code, output).toBe(0);
  const added = (await list()).filter((line) => !before.includes(line));
  expect(added.map((line) => line.split(' ')[1])).toEqual([`provehouse-${NAME}-airflow-worker-02`]);
});

test('a stop leaves no container, network or file but the secrets and the data', async () => {
  const { code, output } = await target('infra:down');
  expect(code, output).toBe(0);
  expect([await remains('container', '--all'), await remains('network')]).toEqual(['', '']);
  expect(await remains('volume')).not.toBe('');
  const purge = await target('infra:down', '--purge');
  expect(purge.code, purge.output).toBe(0);
  expect(await remains('volume')).toBe('');
  expect(await readdir(join(home, NAME))).toEqual(['secrets.env']);
});
