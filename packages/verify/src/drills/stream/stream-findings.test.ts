import { expect, test } from 'vitest';
import { accountOf, type NodeContent } from '../account.ts';
import { streamFindings } from './stream-findings.ts';

const whole = (node: string): NodeContent => ({ node, missing: [], unexpected: [], sql: [node] });
const topic = whole('topic');
const nodes = [whole('clickhouse-01'), whole('clickhouse-02')];
const [first = topic, second = topic] = nodes;

const findings = (contents: readonly NodeContent[], lag = 0, acknowledged = 100) =>
  streamFindings(accountOf({ attempted: 100, acknowledged }, contents), contents, lag);

const failed = (contents: readonly NodeContent[], lag?: number, acknowledged?: number) =>
  findings(contents, lag, acknowledged).filter(({ status }) => status === 'failed');

test('a stream of which all is there once passes', () => {
  expect(failed([topic, ...nodes])).toEqual([]);
  expect(findings([topic, ...nodes]).map(({ status }) => status)).toEqual(Array(4).fill('passed'));
});

test('a message that both replicas lack is one, shown with the node and the statement that finds it', () => {
  const missing = ['event at 0/7'];
  const [lost, ...others] = failed([topic, { ...first, missing }, { ...second, missing }]);
  expect(others).toEqual([]);
  expect(lost).toMatchObject({
    ...{ subject: 'lost messages', observed: '1', sql: ['clickhouse-01', 'clickhouse-02'] },
    evidence: [
      {
        rows: [
          ['clickhouse-01', 'event at 0/7'],
          ['clickhouse-02', 'event at 0/7'],
        ],
      },
    ],
  });
});

test('a row that should not be there is one, and it is said what a double is', () => {
  const unexpected = [{ id: 'event at 0/7', why: 'wrong shard', parts: 'all_1_1_0' }];
  const [surplus, ...others] = failed([topic, { ...first, unexpected }, second]);
  expect(others).toEqual([]);
  expect(surplus).toMatchObject({ subject: 'doubled and unexpected rows', observed: '1' });
  expect(surplus?.expected).toContain('Kafka gives a message at least once');
});

test('messages that are left on the topic, or that the broker has not acknowledged, fail', () => {
  expect(failed([topic, ...nodes], 3)).toMatchObject([
    { subject: 'what is left on the topic', observed: '3' },
  ]);
  expect(failed([topic, ...nodes], 0, 99)).toMatchObject([
    { subject: 'acknowledged messages', observed: '99 of 100' },
  ]);
  expect(streamFindings(accountOf({ attempted: 0, acknowledged: 0 }, []), [], 0)).toContainEqual(
    expect.objectContaining({ subject: 'acknowledged messages', status: 'failed' }),
  );
});
