import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasServer, startServerCluster } from '../../test/replicated-cluster.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { parseContract } from '../contract/read-contract.ts';
import { tableDefinition } from './table-definition.ts';
import { ttl } from './ttl.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await everywhere(`CREATE TABLE otus_default.orders (
      id UInt64 COMMENT 'of the order' CODEC(Delta, ZSTD), name String TTL ts + INTERVAL 2 YEAR,
      price Decimal(10, 2), ts DateTime,
      INDEX by_name name TYPE bloom_filter GRANULARITY 3, INDEX by_price (price, ts) TYPE minmax,
      CONSTRAINT paid CHECK price > 0 AND name != 'nobody',
      PROJECTION names (SELECT name, count() GROUP BY name)
    ) ENGINE = MergeTree PRIMARY KEY (id, intHash32(id)) ORDER BY (id, intHash32(id), price) SAMPLE BY intHash32(id)
    TTL ts + INTERVAL 5 YEAR, ts + INTERVAL 1 YEAR DELETE WHERE id > 3
    SETTINGS index_granularity = 4096 COMMENT 'what was ordered: it''s all'`);
});
afterAll(() => own[Symbol.asyncDispose]());

const everywhere = async (sql: string): Promise<void> => {
  for (const { command } of own.cluster.nodes) await command(sql);
};

const STATED = {
  primaryKey: '(id,intHash32(id))',
  sampleBy: 'intHash32( id )',
  ttl: ['ts + INTERVAL 5 YEAR', 'ts + interval 1 year delete where id > 3'],
  settings: { index_granularity: 4096, ttl_only_drop_parts: false },
  indices: {
    by_name: 'name TYPE bloom_filter GRANULARITY 3',
    by_price: '(price,ts) type minmax',
  },
  constraints: { paid: "CHECK (price > 0) and name != 'nobody'" },
  projections: { names: '(select name, count() group by name)' },
  comment: "what was ordered: it's all",
  columns: {
    atLeast: {
      id: { type: 'UInt64', codec: 'Delta, ZSTD', comment: 'of the order' },
      name: { type: 'String', ttl: 'ts + INTERVAL 2 YEAR', codec: '' },
      ts: 'DateTime',
    },
  },
};

const contractOf = (fields: object) =>
  parseContract(
    JSON.stringify({ version: 2, tables: [{ name: 'orders', kind: 'table', ...fields }] }),
    'orders.yaml',
  );
const judge = async (fields: object) => {
  const { findings } = await runCheck(tableDefinition, {
    ...own.context(),
    contract: contractOf(fields),
  });
  return [
    ...new Set(
      findings
        .filter(({ node }) => node !== undefined)
        .map(({ status, observed }) => `${status}: ${observed}`),
    ),
  ];
};

test('a table that is in every part as the contract says passes, however it was typed', async () => {
  expect(await judge(STATED)).toEqual(['passed: the same']);
});

test('nothing is required of the parts that are not stated', async () => {
  expect(await judge({})).toEqual(['passed: the same']);
});

test.each([
  ['primaryKey', 'name', 'PRIMARY KEY: id, intHash32(id), not name'],
  ['sampleBy', '', 'SAMPLE BY: intHash32(id), not none'],
  [
    'ttl',
    'ts + INTERVAL 6 YEAR',
    'TTL: ts + toIntervalYear(5), ts + toIntervalYear(1) WHERE id > 3, not ts + toIntervalYear(6)',
  ],
  ['ttl', [], 'TTL: ts + toIntervalYear(5), ts + toIntervalYear(1) WHERE id > 3, not none'],
  ['settings', { index_granularity: 8192 }, 'setting index_granularity: 4096, not 8192'],
  ['settings', { ttl_only_drop_parts: true }, 'setting ttl_only_drop_parts: 0, not 1'],
  ['settings', { no_such: 1 }, 'setting no_such: unknown to the server, not 1'],
  [
    'indices',
    { by_name: 'name TYPE minmax' },
    'index by_name: name TYPE bloom_filter GRANULARITY 3, not name TYPE minmax GRANULARITY 1; ' +
      'index by_price: (price, ts) TYPE minmax GRANULARITY 1, not none',
  ],
  ['constraints', {}, "constraint paid: CHECK (price > 0) AND (name != 'nobody'), not none"],
  [
    'projections',
    { ...STATED.projections, more: '(SELECT id ORDER BY name)' },
    'projection more: none, not (SELECT id ORDER BY name)',
  ],
  ['comment', '', "comment: what was ordered: it's all, not none"],
  [
    'columns',
    { atLeast: { id: { type: 'UInt64', codec: 'Delta(4), ZSTD', comment: 'ID' } } },
    'codec of id: Delta(8), ZSTD(1), not Delta(4), ZSTD; comment on id: of the order, not ID',
  ],
  [
    'columns',
    { atLeast: { name: { type: 'String', ttl: '' } } },
    'TTL of name: ts + toIntervalYear(2), not none',
  ],
])('another %s (%j) fails, and both are shown', async (field, value, observed) => {
  expect(await judge({ [field]: value })).toEqual([`failed: ${observed}`]);
});

test('a text that the server cannot read is no verdict on the table, and is shown', async () => {
  const [found, ...others] = await judge({ ttl: 'ts plus a year' });
  expect(found).toMatch(/^inconclusive: .*Syntax error.*ts plus a year/s);
  expect(others).toHaveLength(3);
});

test('of TTLs that take rows and values only those warn that the contract does not state', async () => {
  const ofContract = async (fields: object) => {
    const context = { ...own.context(), contract: contractOf(fields) };
    const { status, findings } = await runCheck(ttl, context);
    return { status, observed: findings[0]?.observed };
  };
  expect(await ofContract(STATED)).toEqual({
    status: 'passed',
    observed: expect.stringMatching(
      /^column name by ts \+ toIntervalYear\(2\), as the contract states, .*; rows by .* WHERE id > 3, as the contract states, /,
    ),
  });
  const { ttl: _, ...others } = STATED;
  expect(await ofContract(others)).toEqual({
    status: 'warned',
    observed: expect.stringMatching(
      /^column name by ts \+ toIntervalYear\(2\), as the contract states, .*; rows by ts \+ toIntervalYear\(5\), nothing/,
    ),
  });
});

test.skipIf(!hasServer)(
  'a server that cannot write queries compares keys and settings, and says that nothing else is (skipped where there is none)',
  async () => {
    await using server = await startServerCluster();
    for (const { command } of server.cluster.nodes) {
      await command(`CREATE TABLE otus_default.orders (id UInt64, ts DateTime)
        ENGINE = MergeTree PRIMARY KEY id ORDER BY (id, ts) SETTINGS index_granularity = 4096`);
    }
    const judgeThere = async (fields: object) => {
      const context = { ...server.context(), contract: contractOf(fields) };
      const { findings } = await runCheck(tableDefinition, context);
      return findings[0];
    };
    const settings = { index_granularity: 4096 };
    const odd = await judgeThere({ primaryKey: 'id', settings, comment: 'x' });
    expect(odd).toMatchObject({
      status: 'passed',
      observed: expect.stringMatching(/^the same; .*TTL, indices, .* are not compared$/),
    });
    expect(await judgeThere({ primaryKey: '(id, ts)', settings })).toMatchObject({
      status: 'failed',
      observed: 'PRIMARY KEY: id, not (id, ts)',
    });
  },
);
