/** A local table, the key of the Distributed one over it, and what is loaded through that. */
interface OddTable {
  readonly name: string;
  readonly columns: string;
  /** Engine without its prefix Replicated, and what follows it. */
  readonly engine: string;
  readonly shardingKey: string;
  /** `SELECT …` of each load, or with `(columns) SELECT …`. */
  readonly loads: readonly string[];
  /** Columns of the Distributed table where they are not those of the local one. */
  readonly distributed?: string;
}

const table = (
  name: string,
  columns: string,
  engine: string,
  shardingKey: string,
  ...loads: string[]
): OddTable => ({ name, columns, engine, shardingKey, loads });

const ID = 'cityHash64(id)';
const NUMBERS = 'FROM numbers(2000)';

/** Tables that are sound, each of a kind of its own. */
const ODD_TABLES: readonly OddTable[] = [
  table(
    'signed',
    'id Int64, v String',
    'MergeTree ORDER BY id',
    'id',
    `SELECT toInt64(number) - 1000, 'x' ${NUMBERS}`,
  ),
  table(
    'int32',
    'id Int32, d DateTime',
    'MergeTree PARTITION BY toStartOfMonth(d) ORDER BY id',
    'toInt32(id) * 7',
    `SELECT toInt32(number) - 1000, toDateTime('2026-01-01') + number * 2500 ${NUMBERS}`,
  ),
  table(
    'repeated',
    'id UInt64, n UInt32',
    'MergeTree ORDER BY (id, n)',
    ID,
    'SELECT intDiv(number, 100), number FROM numbers(200000)',
  ),
  table(
    'tuple',
    'id UInt64, v String',
    'MergeTree PARTITION BY tuple() ORDER BY id',
    ID,
    `SELECT number, toString(number) ${NUMBERS}`,
  ),
  table(
    'null_partition',
    'id UInt64, d Nullable(Date)',
    'MergeTree PARTITION BY d ORDER BY id SETTINGS allow_nullable_key = 1',
    ID,
    `SELECT number, if(number % 3 = 0, NULL, toDate('2026-02-01') + number % 3) ${NUMBERS}`,
  ),
  table(
    'nested',
    'id UInt64, n Nested(k String, v UInt32)',
    'MergeTree ORDER BY id',
    ID,
    `SELECT number, ['a', 'b'], [1, 2] ${NUMBERS}`,
  ),
  table(
    'ephemeral',
    'id UInt64, raw String EPHEMERAL, v String DEFAULT upper(raw)',
    'MergeTree ORDER BY id',
    ID,
    `(id, v) SELECT number, 'V' ${NUMBERS}`,
  ),
  {
    ...table(
      'alias',
      `id UInt64, v String DEFAULT concat('x', toString(id)), up String MATERIALIZED upper(v), low String ALIAS lower(v)`,
      'MergeTree ORDER BY id',
      ID,
      `(id) SELECT number ${NUMBERS}`,
    ),
    distributed: 'id UInt64, v String',
  },
  table(
    'replacing',
    'id UInt64, v String, ver UInt64',
    'ReplacingMergeTree(ver) ORDER BY id',
    ID,
    `SELECT number, 'old', 1 ${NUMBERS}`,
    `SELECT number, 'new', 2 FROM numbers(100)`,
  ),
  table(
    'summing',
    'id UInt64, n UInt64, d Decimal(20, 2)',
    'SummingMergeTree((n, d)) ORDER BY id',
    ID,
    `SELECT number % 500, 1, 1.25 ${NUMBERS}`,
  ),
  table(
    'collapsing',
    'id UInt64, v String, sign Int8',
    'CollapsingMergeTree(sign) ORDER BY id',
    ID,
    `SELECT number, 'old', 1 ${NUMBERS}`,
    `SELECT number, 'old', -1 FROM numbers(100)`,
  ),
  table(
    'versioned',
    'id UInt64, v String, sign Int8, ver UInt8',
    'VersionedCollapsingMergeTree(sign, ver) ORDER BY id',
    ID,
    `SELECT number, 'old', 1, 1 ${NUMBERS}`,
  ),
  table(
    'source',
    'id UInt64, user UInt64, day Date, amount Decimal(10, 2)',
    'MergeTree PARTITION BY toMonday(day) ORDER BY id',
    'cityHash64(user)',
    `SELECT number, number % 97, toDate('2026-01-05') + number % 60, number / 100 ${NUMBERS}`,
  ),
  table(
    'large_ids',
    'id UInt64, v String',
    'MergeTree ORDER BY id',
    ID,
    `SELECT 9007199254740993 + number, 'x' ${NUMBERS}`,
  ),
  table(
    'nulls',
    'id UInt64, price Nullable(Float64), at Nullable(DateTime)',
    'MergeTree ORDER BY id',
    ID,
    `SELECT number, NULL, NULL ${NUMBERS}`,
  ),
  table(
    'bool',
    'id UInt64, b Bool',
    'MergeTree ORDER BY id',
    ID,
    `SELECT number, number % 2 ${NUMBERS}`,
  ),
  table(
    'types',
    `id UInt64, m Map(String, UInt64), j JSON, va Variant(String, UInt64), dy Dynamic, t Tuple(a UInt8, b String), ad Array(Decimal(10, 2)), i6 IPv6, lc LowCardinality(Nullable(String)), dt DateTime64(3, 'America/New_York'), d32 Date32, u256 UInt256, fs FixedString(4), pt Point`,
    'MergeTree PARTITION BY toStartOfMonth(dt) ORDER BY id',
    ID,
    `SELECT number, map('a', number), '{"k": 1}', number, number, (1, 'x'), [1.5], toIPv6('::1'), NULL, toDateTime64('2026-03-01 00:00:00', 3, 'America/New_York') + number * 1000, toDate32('1950-01-01'), number, 'abcd', (1, 2) ${NUMBERS}`,
  ),
  table(
    'uuid',
    'id UUID, v UInt8',
    'MergeTree ORDER BY id',
    ID,
    `SELECT reinterpretAsUUID(sipHash128(number)), 1 ${NUMBERS}`,
  ),
  table(
    'enum',
    `id UInt32, e Enum8('new' = 1, 'paid' = 2)`,
    'MergeTree PARTITION BY e ORDER BY id',
    ID,
    `SELECT number, number % 2 + 1 ${NUMBERS}`,
  ),
  table(
    'text_key',
    'id String, country LowCardinality(String)',
    'MergeTree PARTITION BY country ORDER BY (country, id)',
    'sipHash64(id)',
    `SELECT toString(number), ['de', 'fr'][number % 2 + 1] ${NUMBERS}`,
  ),
  table(
    'random',
    'id UInt64, v String',
    'MergeTree ORDER BY id',
    'rand()',
    `SELECT number, 'x' ${NUMBERS}`,
  ),
  table(
    'skip_index',
    'id UInt64, v String, INDEX words v TYPE tokenbf_v1(1024, 2, 0) GRANULARITY 4',
    'MergeTree ORDER BY id',
    ID,
    `SELECT number, 'some words' ${NUMBERS}`,
  ),
  table(
    'projection',
    'id UInt64, v UInt8, PROJECTION by_v (SELECT v, count() GROUP BY v)',
    'MergeTree ORDER BY id',
    ID,
    `SELECT number, number % 7 ${NUMBERS}`,
  ),
  table(
    'codec',
    'id UInt64 CODEC(Delta, ZSTD(3)), v Float64 CODEC(Gorilla)',
    'MergeTree ORDER BY id SETTINGS index_granularity = 512',
    ID,
    `SELECT number, number / 3 ${NUMBERS}`,
  ),
  table(
    'expires',
    'id UInt64, at DateTime',
    'MergeTree PARTITION BY toYYYYMM(at) ORDER BY id TTL at + INTERVAL 50 YEAR',
    ID,
    `SELECT number, toDateTime('2026-01-01') + number ${NUMBERS}`,
  ),
  // Columns with the names that one gives to what one counts.
  table(
    'named_as_results',
    `id UInt64, day Date, rows UInt64, key UInt64, keys UInt64, content String, bucket UInt64, misplaced UInt64, number UInt64, partition UInt64, times UInt64, name String, sum UInt64, hash String, values String, first UInt64, last UInt64, slot UInt64, average UInt64, minimum UInt64, maximum UInt64, count UInt64, low UInt64, high UInt64, part UInt64, table String, missing UInt64`,
    'MergeTree PARTITION BY (toYYYYMM(day), partition, rows % 2) ORDER BY (rows, key, number, id)',
    'cityHash64(key, rows, number, misplaced, slot)',
    `SELECT number, toDate('2026-01-05') + number % 60, number % 2, number % 3, number % 4, toString(number % 3), number % 6, number % 7, number % 8, number % 9, number % 10, toString(number % 3), number % 12, toString(number % 3), toString(number % 3), number % 15, number % 16, number % 17, number % 18, number % 19, number % 20, number % 21, number % 22, number % 23, number % 24, toString(number % 3), number % 26 ${NUMBERS}`,
  ),
  table(
    'named_as_results_merged',
    'rows UInt64, content String, hash UInt64, sum UInt64, times UInt8, key UInt64, bucket Date',
    'ReplacingMergeTree(times) PARTITION BY toYYYYMM(bucket) ORDER BY (key, rows)',
    'cityHash64(key, rows)',
    `SELECT number % 10, toString(number), number, number, 1, number, toDate('2026-01-05') ${NUMBERS}`,
    `SELECT number % 10, 'new', number, number, 2, number, toDate('2026-01-05') FROM numbers(100)`,
  ),
];

/** How many tables with rows {@link oddTables} makes, Distributed ones included. */
export const ODD_TABLE_COUNT = ODD_TABLES.length * 2;

/**
 * Statements, for one node, that make odd but sound tables in a database of their own on every node of a
 * cluster, with views and a dictionary over them, and load them.
 */
export function oddTables(cluster: string, database: string): readonly string[] {
  const everywhere = `ON CLUSTER ${cluster}`;
  return [
    `CREATE DATABASE ${database} ${everywhere}`,
    ...ODD_TABLES.flatMap(({ name, columns, engine, shardingKey, distributed }) => [
      `CREATE TABLE ${database}.${name}_local ${everywhere} (${columns}) ENGINE = Replicated${engine}`,
      `CREATE TABLE ${database}.${name} ${everywhere} ${distributed ? `(${distributed})` : `AS ${database}.${name}_local`}
       ENGINE = Distributed('${cluster}', ${database}, ${name}_local, ${shardingKey})`,
    ]),
    `CREATE TABLE ${database}.daily ${everywhere}
     (day Date, users AggregateFunction(uniq, UInt64), amount SimpleAggregateFunction(sum, Decimal(38, 2)))
     ENGINE = ReplicatedAggregatingMergeTree ORDER BY day`,
    `CREATE MATERIALIZED VIEW ${database}.to_daily ${everywhere} TO ${database}.daily AS
     SELECT day, uniqState(user) AS users, sum(amount) AS amount FROM ${database}.source_local GROUP BY day`,
    `CREATE VIEW ${database}.paid ${everywhere} AS SELECT * FROM ${database}.enum WHERE e = 'paid'`,
    ...ODD_TABLES.flatMap(({ name, loads }) =>
      loads.map(
        (load) =>
          `INSERT INTO ${database}.${name} ${load} SETTINGS distributed_foreground_insert = 1`,
      ),
    ),
  ];
}
