import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  archiveOf,
  assetFiles,
  cacheFolder,
  findSuperset,
  nativeRuntime,
  supersetAdmin,
  SupersetClient,
  type AssetFiles,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { CONTRACT_FILE, DISTRIBUTED, LOCAL, sampleRows } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import type { Cluster } from '../clickhouse/cluster.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import type { Contract } from '../contract/contract.ts';
import { readContract } from '../contract/read-contract.ts';
import { bi } from './bi.ts';

const python = await findSuperset(cacheFolder(process.env));

describe.skipIf(python === undefined)('bi (skipped where Superset is not installed)', () => {
  let home: string;
  let runtime: Runtime;
  let deployment: Deployment;
  let named: NonNullable<Deployment['superset']>;
  let secrets: Secrets;
  let cluster: Cluster;
  let contract: Contract;
  let superset: SupersetClient;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'provehouse-bi-'));
    // A cache for what says how long it may be kept.
    const config = join(home, 'superset_config.py');
    await writeFile(
      config,
      'DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": -1}\n',
    );
    vi.stubEnv('SUPERSET_CONFIG_PATH', config);
    runtime = nativeRuntime({ home, name: 'bi' });
    deployment = await runtime.up({
      ...{ without: ['airflow'], with: ['superset'] },
      ...{ shards: 2, replicas: 1, replication: 'distributed-writes' },
    });
    vi.unstubAllEnvs();
    named = deployment.superset!;
    secrets = await readSecrets(deployment.secretsFile);
    const { super_user_name: user, super_user_password: password } = secrets;
    cluster = connectCluster(deployment, { user, password });
    contract = { ...(await readContract(CONTRACT_FILE)), replicas: { settleSeconds: 0 } };
    superset = new SupersetClient(named.url, supersetAdmin(secrets));
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await runtime.down({ purge: true });
    await rm(home, { recursive: true });
  });
  beforeEach(() => load(sampleRows(1, 200)));

  const onEach = (sql: string) => Promise.all(cluster.nodes.map((node) => node.command(sql)));
  const onFirst = (sql: string) => cluster.nodes[0]!.command(sql);

  /** Makes the tables again, with these rows. */
  async function load(rows: string): Promise<void> {
    await onEach(`DROP TABLE IF EXISTS ${DISTRIBUTED} SYNC`);
    await onEach(`DROP TABLE IF EXISTS ${LOCAL} SYNC`);
    await onEach(
      `CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
       created_at DateTime) ENGINE = MergeTree ORDER BY id PARTITION BY toYYYYMM(created_at)`,
    );
    await onEach(
      `CREATE TABLE ${DISTRIBUTED} AS ${LOCAL}
       ENGINE = Distributed(dwh_test, otus_default, hw16_demo_products_local, cityHash64(id))`,
    );
    await onFirst(`INSERT INTO ${DISTRIBUTED} ${rows}`);
  }

  const context = (changes: Partial<Deployment> = {}): ClusterContext => ({
    ...{ deployment: { ...deployment, ...changes }, cluster, contract, secrets, parameters: {} },
  });

  const judge = async (changes: Partial<Deployment> = {}) => {
    const { status, findings } = await runCheck(bi, context(changes));
    const wrong = findings.filter((one) => one.status !== 'passed');
    return {
      ...{ status, passed: findings.length - wrong.length, findings },
      wrong: wrong.map(({ subject, status: of, observed }) => [of, subject, observed]),
    };
  };

  /** The platform's database, dataset, charts and dashboard, as they were made. */
  const assets = (): AssetFiles => {
    const { host, httpPort: port } = deployment.clickhouse.nodes[0]!;
    const { bi_user_name: user, bi_user_password: password } = secrets;
    return assetFiles({ host, port, database: 'otus_default', user, password });
  };

  /** Changes what Superset has, for a test. */
  async function withAssets(change: (text: string) => string): Promise<void> {
    const right = JSON.stringify(assets());
    const changed = change(right);
    expect(changed).not.toBe(right);
    onTestFinished(() => superset.importAssets(archiveOf(assets())));
    await superset.importAssets(archiveOf(JSON.parse(changed) as AssetFiles));
  }

  test('charts that show what there is pass, whatever the rows are', async () => {
    expect(await judge()).toMatchObject({ status: 'passed', passed: 5, wrong: [] });
    await load(
      `SELECT number, 'p', ['', 'NULL', 'O''Neil', '007', '1e3', '雪 "☃"'][1 + number % 6], number / 3,
       toDateTime('1970-01-01 00:00:00') + number * 86400 * 400 FROM numbers(100)
       SETTINGS distributed_foreground_insert = 1`,
    );
    expect(await judge()).toMatchObject({ status: 'passed', passed: 5, wrong: [] });
    await onEach(`TRUNCATE TABLE ${LOCAL}`);
    expect(await judge()).toMatchObject({ status: 'passed', passed: 5, wrong: [] });
  });

  test('a chart of a table that is not there is skipped, and one of another contract is not judged', async () => {
    await onEach(`DROP TABLE ${DISTRIBUTED} SYNC`);
    const { status, wrong } = await judge();
    expect([status, wrong[0]]).toEqual(['skipped', ['skipped', 'Superset: Rows', 'no such table']]);
    const charts = named.charts.map((chart) => ({ ...chart, table: 'elsewhere.t' }));
    const other = await judge({ superset: { ...named, charts } });
    expect(other).toMatchObject({
      findings: [
        { status: 'passed', observed: 'no chart of Superset shows a table of the contract' },
      ],
    });
  });

  test('a reader that may not read any more fails', async () => {
    const users = join(runtime.directory, 'config/clickhouse-01/users.xml');
    const right = await readFile(users, 'utf8');
    const node = 'clickhouse-01';
    onTestFinished(async () => {
      await writeFile(users, right);
      await runtime.restart(node);
    });
    await writeFile(users, right.replace('GRANT SELECT, SHOW ON otus', 'GRANT SHOW ON otus'));
    await runtime.restart(node);
    const { status, wrong } = await judge();
    expect([status, wrong.length]).toEqual(['failed', 5]);
    expect(wrong[0]).toEqual([
      'failed',
      'Superset: Rows',
      expect.stringContaining('Not enough privileges'),
    ]);
  });

  test('a column that is gone fails where it is shown', async () => {
    await onEach(`ALTER TABLE ${DISTRIBUTED} RENAME COLUMN category TO kind`);
    const { status, passed, wrong } = await judge();
    expect([status, passed]).toEqual(['failed', 3]);
    expect(wrong).toEqual(
      ['Rows by category', 'Price by category'].map((chart) => [
        ...['failed', `Superset: ${chart}`, expect.stringContaining('category')],
      ]),
    );
  });

  test('a chart that asks something else fails, with what each gives', async () => {
    await withAssets((text) => text.replaceAll('count()', 'count() + 1'));
    const { status, wrong, findings } = await judge();
    expect([status, wrong[0]]).toEqual([
      'failed',
      [
        'failed',
        'Superset: Rows',
        '1 rows where ClickHouse has 1, 1 of them others, such as {"rows":201}',
      ],
    ]);
    expect(findings[0]?.evidence?.[0]?.rows).toEqual([
      ['ClickHouse', '{"rows":200}'],
      ['Superset', '{"rows":201}'],
    ]);
  });

  test('charts of another table fail, and be its rows the same', async () => {
    await onFirst(
      `CREATE TABLE otus_default.copy ENGINE = MergeTree ORDER BY id AS SELECT * FROM ${DISTRIBUTED}`,
    );
    onTestFinished(() => onFirst('DROP TABLE otus_default.copy SYNC'));
    await withAssets((text) =>
      text.replace('"table_name":"hw16_demo_products"', '"table_name":"copy"'),
    );
    const { status, wrong } = await judge();
    expect([status, wrong[0]]).toEqual([
      'failed',
      ['failed', 'Superset: Rows', `it shows otus_default.copy, not ${DISTRIBUTED}`],
    ]);
  });

  test('a chart that is not on the dashboard fails, as does a dashboard that is gone', async () => {
    await withAssets((text) =>
      text.replace('"slice_name":"Rows by shard"', '"slice_name":"Other"'),
    );
    expect((await judge()).wrong).toEqual([
      ['failed', 'Superset: Rows by shard', 'not on the dashboard'],
    ]);
    const gone = await judge({ superset: { ...named, dashboard: 'gone' } });
    expect(gone.wrong).toEqual([['failed', 'Superset: dashboard', 'there is none']]);
  });

  test('what people see from a cache fails once it is not true any more', async () => {
    await withAssets((text) =>
      text.replace('"main_dttm_col":', '"cache_timeout":86400,"main_dttm_col":'),
    );
    expect(await judge()).toMatchObject({ status: 'passed', passed: 5 });
    const kept = await judge();
    expect(kept.findings[0]?.observed).toMatch(/^the same 1 rows, from the cache of 20.* too$/);
    await onFirst(`INSERT INTO ${DISTRIBUTED} ${sampleRows(201, 300)}`);
    const { status, wrong } = await judge();
    expect([status, wrong.length]).toEqual(['failed', 5]);
    expect(wrong[0]).toEqual([
      ...['failed', 'Superset: Rows'],
      expect.stringMatching(/^people saw what was kept at 20.*such as \{"rows":200\}$/),
    ]);
  });

  test('a platform without either passes, and a deployment of one’s own that names none proves nothing', async () => {
    const { superset: _, ...bare } = deployment;
    expect(await runCheck(bi, { ...context(), deployment: bare })).toMatchObject({
      status: 'passed',
      findings: [{ observed: 'the platform has no Superset and no Metabase' }],
    });
    const external = { ...bare, runtime: 'external' } as const;
    const { status, findings } = await runCheck(bi, { ...context(), deployment: external });
    expect([status, findings[0]?.reason]).toEqual([
      'skipped',
      expect.stringContaining('The deployment names no Superset'),
    ]);
  });

  test('without an answer of Superset it fails', async () => {
    const elsewhere = { ...named, url: 'http://127.0.0.1:1' };
    expect((await judge({ superset: elsewhere })).wrong).toEqual([
      ['failed', 'Superset: dashboard', expect.stringContaining('does not answer: ')],
    ]);
  });
});
