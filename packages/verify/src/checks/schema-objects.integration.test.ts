import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import { impatient, repairedAfter } from '../../test/changed-context.ts';
import {
  COLUMNS,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { schemaObjects } from './schema-objects.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
  await own.load(10);
});
afterAll(() => own?.[Symbol.asyncDispose]());
const on = (node: string, sql: string) => own.cluster.node(node).command(sql);
const everywhere = (sql: string) =>
  Promise.all(own.cluster.nodes.map(({ command }) => command(sql)));
const failures = async (context = impatient(own.context(10))) =>
  (await runCheck(schemaObjects, context)).findings.filter((f) => f.status !== 'passed');

/** Runs statements on one node, and others when the test is over. */
async function damage(node: string, does: string, undoes: string): Promise<AsyncDisposable> {
  await on(node, does);
  return { [Symbol.asyncDispose]: () => on(node, undoes) };
}

test('what every node made for itself passes: views with tables inside, dictionaries, other databases', async () => {
  await everywhere('CREATE DATABASE other');
  await everywhere('CREATE VIEW other.v AS SELECT 1 AS one');
  await everywhere(
    `CREATE MATERIALIZED VIEW otus_default.by_category ENGINE = SummingMergeTree ORDER BY category
     AS SELECT category, count() AS n FROM otus_default.hw16_demo_products_local GROUP BY category`,
  );
  await everywhere(
    `CREATE MATERIALIZED VIEW other.daily REFRESH EVERY 1 DAY ENGINE = Log AS SELECT now() AS t`,
  );
  await everywhere(
    `CREATE DICTIONARY other.d (id UInt64, n String) PRIMARY KEY id
     SOURCE(CLICKHOUSE(TABLE 't' PASSWORD 'pw')) LIFETIME(60) LAYOUT(FLAT())`,
  );
  const { status, findings } = await runCheck(schemaObjects, impatient(own.context(10)));
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '3 databases alike on 4 nodes',
    '8 tables, views and dictionaries alike on 4 nodes',
    'no dictionaries of configuration files alike on 4 nodes',
  ]);
});

test.each([
  ['a table', 'TABLE other.odd (a UInt8) ENGINE = Log', 'table other.odd'],
  ['a view', 'VIEW otus_default.odd AS SELECT 1 AS a', 'view otus_default.odd'],
  [
    'a materialized view that writes to a table of all nodes',
    `MATERIALIZED VIEW otus_default.odd TO otus_default.hw16_demo_products_local
     AS SELECT * FROM otus_default.hw16_demo_products_local WHERE throwIf(id > 0)`,
    'materialized-view otus_default.odd',
  ],
  [
    'a dictionary',
    `DICTIONARY otus_default.odd (id UInt64) PRIMARY KEY id SOURCE(NULL()) LIFETIME(0) LAYOUT(FLAT())`,
    'dictionary otus_default.odd',
  ],
  ['a database', 'DATABASE odd', 'database odd'],
])('%s on one node only fails there, with its definition', async (_, created, thing) => {
  const drop = thing.replace(/^materialized-/, '');
  await using undone = await damage('clickhouse-03', `CREATE ${created}`, `DROP ${drop}`);
  expect(undone).toBeDefined();
  expect(await failures()).toMatchObject([
    {
      status: 'failed',
      node: 'clickhouse-03',
      observed: `${thing} is there, and not on the others`,
      difference: expect.stringContaining(
        `--- ${thing}, absent on clickhouse-01, clickhouse-02, clickhouse-04\n+++ ${thing} on clickhouse-03\n`,
      ),
    },
  ]);
});

test('a table that one node lacks fails there, unless the contract allows it', async () => {
  await using _ = await damage(
    'clickhouse-02',
    'DROP VIEW other.v',
    'CREATE VIEW other.v AS SELECT 1 AS one',
  );
  expect(await failures()).toMatchObject([
    {
      node: 'clickhouse-02',
      observed: 'view other.v is absent',
      difference: expect.stringContaining('\n-AS SELECT 1 AS one'),
    },
  ]);
  const allowed = { kind: 'view', name: 'other.*', reason: 'people work there' };
  const { status, findings } = await runCheck(
    schemaObjects,
    allowing(impatient(own.context(10)), allowed),
  );
  expect(status).toBe('passed');
  const shown = findings.find(({ node }) => node === 'clickhouse-02');
  expect(shown).toMatchObject({
    observed: 'view other.v is absent',
    difference: expect.stringContaining('--- view other.v on clickhouse-01'),
  });
  expect(shown?.evidence?.[0]?.rows.flat()).toContain('people work there');
});

test('a changed setting and a changed column are shown line by line', async () => {
  await everywhere(`CREATE TABLE other.changed ${COLUMNS} ENGINE = MergeTree ORDER BY id`);
  await on('clickhouse-01', 'ALTER TABLE other.changed MODIFY SETTING parts_to_throw_insert = 5');
  await on('clickhouse-04', 'ALTER TABLE other.changed MODIFY COLUMN price Decimal(12, 2)');
  const found = await failures();
  await everywhere('DROP TABLE other.changed SYNC');
  expect(found.map(({ node, observed }) => [node, observed])).toEqual([
    ['clickhouse-01', 'table other.changed is another'],
    ['clickhouse-04', 'table other.changed is another'],
  ]);
  expect(found[0]?.difference).toContain(
    '\n-SETTINGS index_granularity = 8192\n+SETTINGS index_granularity = 8192, parts_to_throw_insert = 5',
  );
  expect(found[1]?.difference).toContain(
    '\n-    `price` Decimal(10, 2),\n+    `price` Decimal(12, 2),\n',
  );
});

test('replicated tables pass whose paths differ by shard, and fail where they differ within one', async () => {
  const create = (node: string, path: string) =>
    on(
      node,
      `CREATE TABLE other.r (id UInt8) ENGINE = ReplicatedMergeTree('${path}', '{replica}') ORDER BY id`,
    );
  const paths = ['/r/{shard}', '/r/02', '/r/01', '/r/{shard}'];
  for (const [index, path] of paths.entries()) await create(`clickhouse-0${index + 1}`, path);
  expect(await failures()).toEqual([]);
  await on('clickhouse-04', 'DROP TABLE other.r SYNC');
  await create('clickhouse-04', '/r/elsewhere');
  const found = await failures();
  await everywhere('DROP TABLE other.r SYNC');
  const lines = found.flatMap(({ difference = '' }) => difference.split('\n'));
  expect(lines).toContain("+ENGINE = ReplicatedMergeTree('/r/elsewhere', '{replica}')");
});

test('a statement that reaches a node late is no difference', async () => {
  const create = 'CREATE VIEW other.late AS SELECT 1 AS a';
  await Promise.all(['01', '02', '03'].map((node) => on(`clickhouse-${node}`, create)));
  const context = repairedAfter(own.context(10), 'clickhouse-04', /system\.tables/, () =>
    on('clickhouse-04', create),
  );
  const { status } = await runCheck(schemaObjects, context);
  await everywhere('DROP VIEW other.late');
  expect(status).toBe('passed');
});

test('half of the nodes against the other half says that there is no majority', async () => {
  const half = (sql: string) =>
    Promise.all(['clickhouse-01', 'clickhouse-02'].map((node) => on(node, sql)));
  await half('CREATE VIEW other.half AS SELECT 1 AS a');
  const found = await failures();
  await half('DROP VIEW other.half');
  expect(found).toMatchObject(
    ['clickhouse-03', 'clickhouse-04'].map((node) => ({
      ...{ node, observed: 'view other.half is absent' },
      reason: expect.stringMatching(/^As many nodes have the one as the other/),
    })),
  );
});

test('an account that sees one database says so, and is judged on what it sees', async () => {
  const { secrets, ...context } = impatient(own.context(10));
  const account = { user: secrets['bi_user_name']!, password: secrets['bi_user_password']! };
  await using cluster = connectCluster(own.deployment, account);
  const { findings } = await runCheck(schemaObjects, { ...context, secrets, cluster });
  const tables = findings.filter(({ subject }) => subject?.startsWith('tables'));
  expect(tables.map(({ status, observed }) => `${status}: ${observed}`)).toEqual([
    'passed: 4 tables, views and dictionaries alike on 4 nodes',
    ...Array<string>(4).fill('skipped: su sees some of them'),
  ]);
});
