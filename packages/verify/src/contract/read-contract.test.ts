import { describe, expect, test } from 'vitest';
import { CONTRACT_FILE } from '../../test/test-cluster.ts';
import { distributedTables, localTables } from './contract.ts';
import { ContractError, parseContract, readContract } from './read-contract.ts';

const CONTRACT = `version: 1
tables:
  - name: events_local
    kind: local
    engine: { distributed-writes: MergeTree, keeper: ReplicatedMergeTree }
    columns: { id: UInt64 }
    orderBy: id
    rules:
      - { rule: sequence, column: id, from: 1, to: $rows }
  - name: events
    kind: distributed
    over: events_local
    shardingKey: cityHash64(id)
    spread: { warnBelow: 0.01, failBelow: 0.001, fromRows: 50 }
replicas: { settleSeconds: 10 }
`;

const problemsOf = (text: string): string[] => {
  try {
    parseContract(text, 'events.yaml');
  } catch (error) {
    if (error instanceof ContractError) return error.message.split('\n');
    throw error;
  }
  return [];
};

test('the contract of this project is read', async () => {
  const contract = await readContract(CONTRACT_FILE);
  expect(contract.pipeline?.dag).toBe('hw16_data_loading_pipeline');
  expect(localTables(contract)).toHaveLength(1);
  expect(distributedTables(contract)).toMatchObject([{ local: localTables(contract)[0] }]);
});

test('a contract needs neither a pipeline nor connections', () => {
  const contract = parseContract(CONTRACT, 'events.yaml');
  expect(contract.pipeline).toBeUndefined();
  expect(contract.connections).toEqual({});
});

test.each([
  [
    'an unknown field',
    ['orderBy: id', 'orderBy: id\n    orderby: id'],
    /:8:14 tables\.0: .*orderby/,
  ],
  ['an unknown field at the top', ['version: 1', 'version: 1\nspread: {}'], /:2:9 .*spread/],
  [
    'a value of another kind',
    ['settleSeconds: 10', 'settleSeconds: ten'],
    /:15:28 replicas\.settleSeconds: /,
  ],
  ['an unknown rule', ['rule: sequence', 'rule: sequenced'], /:9:17 tables\.0\.rules\.0\.rule: /],
  [
    'a name that is none',
    ['name: events\n', 'name: "events; DROP"\n'],
    /:10:11 tables\.1\.name: expected a plain name/,
  ],
  [
    'a table over none',
    ['over: events_local', 'over: event'],
    /:12:11 tables\.1\.over: expected one of the local tables \(events_local\)/,
  ],
  [
    'thresholds in the wrong order',
    ['failBelow: 0.001', 'failBelow: 0.1'],
    /:14:13 tables\.1\.spread: failBelow must not be above warnBelow/,
  ],
] as const)('%s is refused with file, line and column', (_, [from, to], expected) => {
  expect(CONTRACT).toContain(from);
  const problems = problemsOf(CONTRACT.replace(from, to));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(expected);
  expect(problems[0]).toMatch(/^events\.yaml:/);
});

test('every problem is said at once', () => {
  const text = CONTRACT.replace('settleSeconds: 10', 'settleSeconds: x')
    .replace('orderBy: id', 'orderBy: 1')
    .replace('column: id', 'column: no');
  expect(problemsOf(text).map((problem) => problem.split(' ')[0])).toEqual([
    'events.yaml:7:14',
    'events.yaml:9:35',
    'events.yaml:15:28',
  ]);
});

test('a task after one that there is not is refused where it stands', () => {
  const text = `${CONTRACT}pipeline:
  dag: load
  tags: []
  schedule: null
  catchup: false
  retries: 0
  tasks: { load: [create] }
  conf: {}
  statistics: { task: load, rows: r, total: t, categories: c, partitions: p, nodes: n }
`;
  expect(problemsOf(text)).toEqual([
    'events.yaml:22:19 pipeline.tasks.load.0: there is no task create',
  ]);
});

test('text that is no YAML is refused with file, line and column', () => {
  expect(problemsOf('version: 1\ntables: [')).toEqual([
    expect.stringMatching(/^events\.yaml:2:\d+ /),
  ]);
});

test('an empty file is refused', () => {
  expect(problemsOf('')).not.toEqual([]);
});

test('a file that is not there is refused with its path and the option', async () => {
  await expect(readContract('/nowhere/contract.yaml')).rejects.toThrow(
    'There is no contract /nowhere/contract.yaml. Name one with --contract.',
  );
});

test('a folder as contract is refused as one', async () => {
  await expect(readContract(import.meta.dirname)).rejects.toThrow(
    `${import.meta.dirname} is a folder, not a contract.`,
  );
});

describe('contradictions are refused with line and column', () => {
  const rule = '{ rule: sequence, column: id, from: 1, to: $rows }';
  test.each([
    [
      'a column that is not there',
      rule,
      '{ rule: notNull, column: idd }',
      '9:34 tables.0.rules.0.column: events_local has no column idd (id)',
    ],
    [
      'one of several columns',
      rule,
      '{ rule: unique, columns: [id, no] }',
      '9:39 tables.0.rules.0.columns.1: events_local has no column no (id)',
    ],
    [
      'a column of another table',
      rule,
      '{ rule: reference, column: id, table: events_local, key: key }',
      '9:66 tables.0.rules.0.key: events_local has no column key (id)',
    ],
    [
      'statistics by a column that is not there',
      `rules:\n      - ${rule}`,
      'statistics: { groupBy: kind, measure: id }',
      '8:28 tables.0.statistics.groupBy: events_local has no column kind (id)',
    ],
    [
      'a key over a column that is not there',
      'orderBy: id',
      'orderBy: (id, toDate(at))',
      '7:14 tables.0.orderBy: events_local has no column at (id)',
    ],
    [
      'a sharding key over a column that is not there',
      'cityHash64(id)',
      'cityHash64(uid)',
      '13:18 tables.1.shardingKey: events_local has no column uid (id)',
    ],
    [
      'bounds in the wrong order',
      rule,
      '{ rule: range, column: id, min: 10, max: 1 }',
      '9:41 tables.0.rules.0.min: 10 is above max, 1',
    ],
    [
      'a sequence of no whole numbers',
      rule,
      '{ rule: sequence, column: id, from: 1.5, to: 3 }',
      '9:45 tables.0.rules.0.from: expected a whole number',
    ],
    [
      'thresholds in the wrong order',
      rule,
      '{ rule: notNull, column: id, warn: 5, fail: 1 }',
      '9:44 tables.0.rules.0.warn: 5 is above fail, 1',
    ],
    [
      'a pattern that RE2 does not take',
      rule,
      "{ rule: regex, column: id, pattern: '(?<!a)b' }",
      /^9:45 tables\.0\.rules\.0\.pattern: RE2 does not take this pattern: /,
    ],
    [
      'two tables of one name',
      'name: events\n',
      'name: events_local\n',
      '10:11 tables.1.name: there is a table events_local above already',
    ],
    [
      'a parameter that nothing gives',
      '$rows',
      '$rws',
      /^9:52 tables\.0\.rules\.0\.to: neither a run nor an option gives \$rws; known: \$rows, \$as_of\./,
    ],
  ] as const)('%s', (_, from, to, expected) => {
    expect(CONTRACT).toContain(from);
    const problems = problemsOf(CONTRACT.replace(from, to));
    expect(problems).toHaveLength(1);
    const matcher =
      typeof expected === 'string' ? `events.yaml:${expected}` : expect.stringMatching(expected);
    expect(typeof expected === 'string' ? problems[0] : problems[0]?.slice(12)).toEqual(matcher);
  });
});

test('a parameter that an option gives, or that the pipeline names, is known', () => {
  const text = CONTRACT.replace('$rows', '$last');
  expect(parseContract(text, 'events.yaml', { parameters: ['last'] }).tables).toHaveLength(2);
  expect(problemsOf(text)).toHaveLength(1);
});

test('two documents, an alias of nothing and a bomb of aliases are refused where they stand', () => {
  expect(problemsOf(`${CONTRACT}---\nversion: 1\n`)).toEqual([
    'events.yaml:16:1 a contract is one YAML document; another one begins here',
  ]);
  expect(problemsOf('version: 1\ntables: *none\n')).toEqual([
    expect.stringMatching(/^events\.yaml:2:9 .*none/),
  ]);
  const level = (name: string, of: string): string =>
    `${name}: &${name} [${Array(20).fill(`*${of}`).join(', ')}]\n`;
  const bomb = `a: &a [1]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}`;
  expect(problemsOf(bomb)).toEqual([expect.stringMatching(/^events\.yaml:5:\d+ .*alias/)]);
});

test('a whole number beyond 2^53 keeps its digits', () => {
  const contract = parseContract(CONTRACT.replace('from: 1,', 'from: 9007199254740993,'), 'a.yaml');
  expect(localTables(contract)[0]?.rules).toMatchObject([{ from: 9007199254740993n }]);
});

test('version 1 says everything: no partition key unless it names one, and its rules may be left out', () => {
  const [local] = localTables(parseContract(CONTRACT, 'events.yaml'));
  expect(local).toMatchObject({
    unpartitioned: true,
    exactColumns: true,
    rules: [{ optional: true }],
  });
});

test('a version that there is not is refused', () => {
  expect(problemsOf(CONTRACT.replace('version: 1', 'version: 3'))[0]).toMatch(
    /^events\.yaml:1:10 version: /,
  );
});
