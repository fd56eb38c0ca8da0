import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import {
  hasServer,
  startServerCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { replicaContent } from '../checks/replica-content.ts';
import { askStoredTable } from './stored-table.ts';
import { tableContent } from './table-content.ts';

const NAME = 'odd_local';
const TABLE = `otus_default.${NAME}`;
/** The replicas of one shard. */
const REPLICAS = ['clickhouse-01', 'clickhouse-03'] as const;

/** A context whose contract is about the odd table, and says nothing of its columns. */
const about = (context: ClusterContext): ClusterContext => {
  const tables = context.contract.tables.flatMap((table) =>
    table.kind === 'local' ? [{ ...table, name: NAME, columns: {}, rules: [] }] : [],
  );
  return impatient({ ...context, contract: { ...context.contract, tables } });
};

async function create(
  { cluster }: TestCluster | ReplicatedCluster,
  definition: string,
  inserts: readonly string[],
): Promise<void> {
  for (const { command } of cluster.nodes) {
    await command(`DROP TABLE IF EXISTS ${TABLE}`);
    await command(`CREATE TABLE ${TABLE} ${definition}`);
  }
  for (const insert of inserts) {
    for (const node of REPLICAS) {
      await cluster.node(node).command(`INSERT INTO ${TABLE} ${insert}`);
    }
  }
}

const look = async (context: ClusterContext) => {
  const { findings } = await runCheck(replicaContent, about(context));
  return findings;
};

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const TYPES = `(id UInt64, m Map(String, UInt64), j JSON, va Variant(String, UInt64), dy Dynamic,
  t Tuple(a UInt8, b String), nd Nullable(Decimal(10, 2)), ad Array(Decimal(10, 2)), f Float64, b Bool,
  i6 IPv6, lcn LowCardinality(Nullable(String)), dt DateTime64(3, 'America/New_York'), d32 Date32,
  u256 UInt256, fs FixedString(4), pt Point, u UUID, v String)`;
const OF_TYPES = `SELECT number, map('a', number), '{"k": 1}', number, number, (1, 'x'),
  if(number % 2, NULL, 1.5), [1.5, 2.5], number / 3, number % 2, toIPv6('::1'),
  if(number % 2, NULL, 'x'), toDateTime64('2026-03-01 00:00:00', 3, 'UTC') + number * 1000,
  toDate32('1950-01-01'), number, 'abcd', (1, 2), toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'), 'v'
  FROM numbers(100)`;

test.each([
  [
    'Nested',
    '(id UInt64, n Nested(k String, v UInt32), v String) ENGINE = MergeTree ORDER BY id',
    "SELECT number, ['a', 'b'], [1, 2], 'v' FROM numbers(100)",
  ],
  [
    'EPHEMERAL and DEFAULT',
    '(id UInt64, raw String EPHEMERAL, v String DEFAULT upper(raw)) ENGINE = MergeTree ORDER BY id',
    "(id, raw) SELECT number, 'v' FROM numbers(100)",
  ],
  [
    'ALIAS and MATERIALIZED',
    `(id UInt64, v String DEFAULT concat('x', toString(id)), up String MATERIALIZED upper(v),
      low String ALIAS lower(v)) ENGINE = MergeTree ORDER BY id`,
    '(id) SELECT number FROM numbers(100)',
  ],
  [
    'all types',
    `${TYPES} ENGINE = MergeTree PARTITION BY (toStartOfMonth(dt), b) ORDER BY id`,
    OF_TYPES,
  ],
])(
  'columns of %s: equal replicas pass, and another value fails with both rows',
  async (_, ddl, rows) => {
    await create(own, ddl, [rows]);
    expect(await look(own.context())).toMatchObject([{ status: 'passed' }, { status: 'passed' }]);
    await own.cluster
      .node('clickhouse-03')
      .command(
        `ALTER TABLE ${TABLE} UPDATE v = 'changed' WHERE id = 7 SETTINGS mutations_sync = 1`,
      );
    const failed = (await look(own.context())).filter(({ status }) => status !== 'passed');
    expect(failed).toMatchObject([{ status: 'failed', subject: `${NAME}, shard 01` }]);
    const shown = failed[0]?.evidence?.[1];
    expect(shown?.rows.map(([node]) => node)).toEqual([...REPLICAS]);
    expect(shown?.columns).toContain('v');
  },
);

const NUMBERS = 'SELECT number, 1, 1.25 FROM numbers(50)';
const STATES = 'SELECT 1, uniqState(number), sum(number) FROM numbers(50)';

test.each([
  [
    'ReplacingMergeTree',
    '(id UInt64, ver UInt64, v Float64) ENGINE = ReplacingMergeTree(ver) ORDER BY id',
    [NUMBERS, 'SELECT number, 2, 7 FROM numbers(10)'],
    50,
  ],
  [
    'SummingMergeTree',
    '(id UInt64, n UInt64, v Decimal(20, 2)) ENGINE = SummingMergeTree((n, v)) ORDER BY id',
    [NUMBERS, NUMBERS],
    50,
  ],
  [
    'AggregatingMergeTree',
    `(id UInt64, users AggregateFunction(uniq, UInt64), v SimpleAggregateFunction(sum, UInt64))
     ENGINE = AggregatingMergeTree ORDER BY id`,
    [STATES, STATES.replace('uniqState(number)', 'uniqState(number + 25)')],
    1,
  ],
  [
    'CollapsingMergeTree',
    '(id UInt64, sign Int8, v Float64) ENGINE = CollapsingMergeTree(sign) ORDER BY id',
    [NUMBERS, 'SELECT number, -1, 1.25 FROM numbers(10)'],
    40,
  ],
])(
  '%s: what one replica alone has merged is no difference; another value is',
  async (_, ddl, inserts, rows) => {
    await create(own, ddl, inserts);
    const { command } = own.cluster.node('clickhouse-03');
    const [first] = own.cluster.nodes;
    await own.cluster.node('clickhouse-01').command(`SYSTEM STOP MERGES ${TABLE}`);
    await command(`OPTIMIZE TABLE ${TABLE} FINAL`);
    const [found] = await look(own.context());
    expect(found).toMatchObject({ status: 'passed' });
    expect((await tableContent(first!, own.deployment, { name: NAME })).rows).toBe(rows);
    await command(
      `INSERT INTO ${TABLE} ${inserts[0]!.replace('FROM numbers(50)', 'FROM numbers(50, 1)')}`,
    );
    const failed = (await look(own.context())).filter(({ status }) => status !== 'passed');
    expect(failed).toMatchObject([{ status: 'failed', subject: `${NAME}, shard 01` }]);
    expect(failed[0]?.evidence?.[1]?.rows.length).toBeGreaterThan(0);
  },
);

test('a column that one replica alone has is left to the check of definitions', async () => {
  await create(own, '(id UInt64) ENGINE = MergeTree ORDER BY id', [
    'SELECT number FROM numbers(5)',
  ]);
  await own.cluster.node('clickhouse-03').command(`ALTER TABLE ${TABLE} ADD COLUMN note String`);
  expect(await look(own.context())).toMatchObject([{ status: 'passed' }, { status: 'passed' }]);
});

test('a table that is not there is an error with ClickHouse’s code of it', async () => {
  const [first] = own.cluster.nodes;
  const asked = askStoredTable(first!, own.deployment, { name: 'nothing' });
  await expect(asked).rejects.toMatchObject({ name: 'QueryError', code: '60' });
});

describe.skipIf(!hasServer)('on servers (skipped where there are none)', () => {
  let servers: ReplicatedCluster;
  beforeAll(async () => {
    servers = await startServerCluster();
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test('columns that old servers do not hash are compared by their texts', async () => {
    await create(
      servers,
      `(id UInt64, day Nullable(Date), name Nullable(String), price Nullable(Decimal(10, 2)), key UUID,
        some Array(Nullable(UInt8)), v String) ENGINE = MergeTree ORDER BY id`,
      [
        `SELECT number, if(number % 2, NULL, toDate('2026-01-01')), if(number % 3, NULL, ''),
           if(number % 4, NULL, toDecimal64(1, 2)), toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'),
           [NULL, 1], 'v' FROM numbers(20)`,
      ],
    );
    expect(await look(servers.context())).toMatchObject([
      { status: 'passed' },
      { status: 'passed' },
    ]);
    // Another value would be the same hash if NULL were hashed as an empty text is.
    await servers.cluster
      .node('clickhouse-03')
      .command(`INSERT INTO ${TABLE} (id, name, v) VALUES (100, NULL, 'v')`);
    await servers.cluster
      .node('clickhouse-01')
      .command(`INSERT INTO ${TABLE} (id, name, v) VALUES (100, '', 'v')`);
    const [failed] = await look(servers.context());
    expect(failed).toMatchObject({ status: 'failed', subject: `${NAME}, shard 01` });
    expect(failed?.evidence?.[1]?.rows).toHaveLength(2);
  });
});
