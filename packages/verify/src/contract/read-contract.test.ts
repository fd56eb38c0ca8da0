import { expect, test } from 'vitest';
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

test('every problem is told at once', () => {
  const text = CONTRACT.replace('version: 1', 'version: 2').replace('orderBy: id', 'orderBy: 1');
  expect(problemsOf(text).map((problem) => problem.split(' ')[0])).toEqual([
    'events.yaml:1:10',
    'events.yaml:7:14',
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
