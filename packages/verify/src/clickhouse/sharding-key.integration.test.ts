import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectNode } from '@provehouse/infra/clickhouse';
import { startOwnCluster } from '../../test/own-cluster.ts';
import { hasServer, startServerCluster } from '../../test/replicated-cluster.ts';
import { makeSharded, shardedContext, type ShardedTable } from '../../test/sharded-tables.ts';
import { runCheck } from '../check-run.ts';
import { placement } from '../checks/placement.ts';
import type { NodeClient } from './cluster.ts';
import { hasSetting } from './dialect.ts';
import { heaviestKeys } from './heaviest-keys.ts';
import { shardingKeyOver } from './sharding-key.ts';

interface Case {
  /** The type of the column `k` in the Distributed table. */
  readonly type: string;
  readonly key: string;
  /** The value of `k` by `number`. */
  readonly value: string;
  /** Its type in the local table, where that is another one. */
  readonly local?: string;
  /** Whether old servers lack what it needs. */
  readonly young?: boolean;
}

const NEGATIVE = 'toInt64(number) - 1500';
const CASES: readonly Case[] = [
  { type: 'UInt8', key: 'k', value: 'number' },
  { type: 'UInt16', key: 'k', value: 'number' },
  { type: 'UInt32', key: 'k', value: 'number * 1234567' },
  { type: 'UInt64', key: 'k', value: '18446744073709551615 - number' },
  { type: 'Int8', key: 'k', value: NEGATIVE },
  { type: 'Int16', key: 'k', value: NEGATIVE },
  { type: 'Int32', key: 'k', value: NEGATIVE },
  { type: 'Int64', key: 'k', value: `(${NEGATIVE}) * 1234567890123` },
  { type: 'Int32', key: 'toInt32(k) * 7', value: NEGATIVE },
  { type: 'Int16', key: '-k', value: NEGATIVE },
  { type: 'Int64', key: 'k % 5', value: NEGATIVE },
  { type: 'Int32', key: '1', value: NEGATIVE },
  { type: 'Bool', key: 'k', value: 'number % 2', young: true },
  { type: 'Date', key: 'toYYYYMM(k)', value: "toDate('2020-01-01') + number" },
  { type: 'DateTime', key: 'toUInt32(k)', value: 'toDateTime(number * 1000)' },
  { type: "Enum8('x' = -2, 'y' = 3)", key: 'toInt8(k)', value: "if(number % 2 = 0, 'x', 'y')" },
  { type: 'UUID', key: 'cityHash64(k)', value: 'generateUUIDv4()', young: true },
  { type: 'UUID', key: 'cityHash64(toString(k))', value: 'generateUUIDv4()' },
  { type: 'Nullable(UInt64)', key: 'ifNull(k, 7)', value: 'if(number % 3 = 0, NULL, number)' },
  { type: 'Nullable(Int32)', key: 'assumeNotNull(k)', value: NEGATIVE },
  { type: 'LowCardinality(UInt32)', key: 'k', value: 'number', young: true },
  { type: 'LowCardinality(Int64)', key: 'k', value: NEGATIVE, young: true },
  { type: 'LowCardinality(String)', key: 'cityHash64(k)', value: 'toString(number)', young: true },
  { type: 'String', key: `cityHash64(concat(k, 'it\\'s "k"'), \`v\`)`, value: 'toString(number)' },
  { type: 'Decimal(10, 2)', key: 'toInt64(k)', value: `toDecimal64(${NEGATIVE}, 2)` },
  { type: 'Int32', local: 'Int64', key: 'k', value: NEGATIVE, young: true },
  { type: 'Int16', local: 'UInt64', key: 'k', value: NEGATIVE, young: true },
  { type: 'UInt64', local: 'Nullable(UInt64)', key: 'cityHash64(k)', value: 'number', young: true },
  { type: 'Nullable(Int32)', local: 'Int32', key: 'ifNull(k, 0)', value: NEGATIVE, young: true },
];

const clusters = [
  {
    engine: 'the embedded engine',
    // All of its tests need other weights.
    start: startOwnCluster,
    there: true,
    local: 'MergeTree' as const,
  },
  {
    engine: 'a server (skipped where there is none)',
    start: startServerCluster,
    there: hasServer,
    local: 'ReplicatedMergeTree' as const,
  },
];
const countRow = z.object({ rows: z.coerce.number() });

describe.each(clusters)('on $engine', ({ start, there, local: tableEngine }) => {
  let own: Awaited<ReturnType<typeof start>>;
  let nodes: (NodeClient & { close(): Promise<void> })[] = [];

  beforeAll(async () => {
    if (!there) return;
    own = await start();
    // By 11 the remainders of a number taken as one of 8, 16, 32 and 64 bits all differ.
    for (const { node } of own.cluster.nodes) {
      const file = join(own.runtime.directory, 'config', node.name, 'config.xml');
      const text = await readFile(file, 'utf8');
      let weight = 5;
      const weighted = text.replaceAll(
        '<internal_replication>',
        (tag) => `<weight>${weight++}</weight>${tag}`,
      );
      await writeFile(file, weighted);
      await own.runtime.restart(node.name);
    }
    const account = {
      user: own.secrets.super_user_name,
      password: own.secrets.super_user_password,
    };
    const [first] = own.cluster.nodes;
    const allowed = 'allow_suspicious_low_cardinality_types';
    const settings = first && (await hasSetting(first, allowed)) ? { [allowed]: 1 as const } : {};
    nodes = own.cluster.nodes.map(({ node }) => connectNode(node, account, undefined, settings));
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await own?.[Symbol.asyncDispose]();
  });

  const cases = CASES.filter(({ young }) => !young || tableEngine === 'MergeTree').map((one) => ({
    ...one,
    column: one.local === undefined ? one.type : `${one.type} over ${one.local}`,
  }));
  test.skipIf(!there).each(cases)(
    'rows are where the Distributed table put them by $key of $column',
    async ({ type, local = type, key, value }) => {
      const table: ShardedTable = {
        ...{ name: 'keyed', key, columns: { k: type, v: 'UInt64' } },
        localColumns: { k: local, v: 'UInt64' },
        rows: `SELECT ${value} AS k, number AS v FROM numbers(3000)`,
      };
      await makeSharded({ nodes }, [table], tableEngine);
      const context = shardedContext(own.context(), [table]);
      const { findings } = await runCheck(placement, context);
      expect(findings.map(({ status, observed }) => [status, observed])).toEqual(
        nodes.map(() => ['passed', expect.stringMatching(/^0 of \d+ rows/)]),
      );

      // With all rows on the first node, those of the other shard are what is wrong there.
      const [first, second] = nodes;
      const elsewhere = await second?.query(
        'SELECT count() AS rows FROM otus_default.keyed_local',
        countRow,
      );
      await first?.command('INSERT INTO otus_default.keyed_local SELECT * FROM otus_default.keyed');
      const damaged = await runCheck(placement, context);
      const misplaced = elsewhere?.[0]?.rows ?? 0;
      expect(damaged.findings[0]?.observed).toMatch(RegExp(`^${misplaced} of \\d+ rows`));
    },
  );

  test.skipIf(!there)('the heaviest keys are named by their columns', async () => {
    // The hash of what may be NULL may be NULL itself, by which no table can be sharded.
    const key = "cityHash64(user_id, ifNull(country, ''))";
    const table: ShardedTable = {
      ...{ name: 'weighed', key, columns: { user_id: 'Int64', country: 'Nullable(String)' } },
      rows: `SELECT if(number % 2 = 0, -7, toInt64(number)), if(number % 2 = 0, NULL, 'de') FROM numbers(2000)`,
    };
    await makeSharded({ nodes }, [table], tableEngine);
    const { deployment } = own;
    const tables = { distributed: { name: 'weighed' }, local: { name: 'weighed_local' } };
    const heavy = await Promise.all(
      nodes.slice(0, 2).map(async (node) => {
        const over = await shardingKeyOver(node, deployment, tables, key);
        return heaviestKeys(node, deployment, tables.local, over);
      }),
    );
    const [heaviest, ...others] = heavy.flat().toSorted((left, right) => right.rows - left.rows);
    expect(heaviest).toEqual({ name: 'user_id = -7, country = NULL', rows: 1000 });
    expect(others[0]).toMatchObject({
      name: expect.stringMatching(/^user_id = \d+, country = de$/),
    });
  });

  test.skipIf(!there)('a type by which ClickHouse routes no row is skipped', async () => {
    const table: ShardedTable = {
      ...{ name: 'dated', key: 'k', columns: { k: 'Date' } },
    };
    await makeSharded({ nodes }, [table], tableEngine);
    const insert = makeSharded({ nodes }, [{ ...table, rows: 'SELECT today() AS k' }], tableEngine);
    await expect(insert).rejects.toThrow('does not evaluate to an integer type');
    const { status, findings } = await runCheck(placement, shardedContext(own.context(), [table]));
    expect(status).toBe('skipped');
    expect(findings[0]?.observed).toBe('k is of type Date');
  });
});
