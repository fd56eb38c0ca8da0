import { setTimeout as delay } from 'node:timers/promises';
import { timed } from '@provehouse/infra/clickhouse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canShiftClocks, clockAhead } from '../../test/clock-ahead.ts';
import { editedConfig } from '../../test/edited-config.ts';
import {
  hasServer,
  startServerCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { restartedUnder } from '../../test/restarted-under.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { timeZones } from './time-zones.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const findings = async (context: ClusterContext = own.context()) =>
  (await runCheck(timeZones, context)).findings;
const notPassed = async (context?: ClusterContext) =>
  (await findings(context)).filter(({ status }) => status !== 'passed');

const outOfReach = 'the process of a node is in its container';

test('nodes of one platform are in its time zone at the same time', async () => {
  expect(await findings()).toMatchObject([
    { status: 'passed', observed: expect.stringMatching(/^UTC on .*04$/) },
    { status: 'passed', subject: 'time zones of the account’s sessions' },
    { status: 'passed', subject: 'clocks' },
  ]);
});

test('a node that was started in another time zone fails', async (ctx) => {
  ctx.skip(own.deployment.runtime === 'docker', outOfReach);
  await using _restarted = await restartedUnder(own, 'clickhouse-03', { TZ: 'Asia/Tokyo' });
  expect(await notPassed()).toMatchObject([
    {
      status: 'failed',
      subject: 'time zones of the servers',
      observed: 'UTC on clickhouse-01, clickhouse-02, clickhouse-04; Asia/Tokyo on clickhouse-03',
    },
    { status: 'failed', subject: 'time zones of the account’s sessions' },
  ]);
});

test('another name of the same time zone passes', async (ctx) => {
  ctx.skip(own.deployment.runtime === 'docker', outOfReach);
  await using _restarted = await restartedUnder(own, 'clickhouse-03', { TZ: 'Etc/UTC' });
  const [servers] = await findings();
  expect(servers).toMatchObject({ status: 'passed' });
  expect(servers?.observed).toMatch(/^UTC or Etc\/UTC on /);
});

test('a profile that gives sessions another time zone on one node fails', async () => {
  const zone = '<session_timezone>America/New_York</session_timezone>';
  await using _edited = await editedConfig(own, 'clickhouse-02', 'users.xml', (text) =>
    text.replace('<default>', `<default>${zone}`),
  );
  expect(await notPassed()).toMatchObject([
    {
      status: 'failed',
      subject: 'time zones of the account’s sessions',
      observed:
        'UTC on clickhouse-01, clickhouse-03, clickhouse-04; America/New_York on clickhouse-02',
    },
  ]);
});

/** A context with one node's client in another form. */
function withNode(name: string, change: (client: NodeClient) => NodeClient): ClusterContext {
  const context = own.context();
  const nodes = context.cluster.nodes.map((client) =>
    client.node.name === name ? change(client) : client,
  );
  return { ...context, cluster: { ...context.cluster, nodes } };
}

/** A client of a node whose statements that read the clock are changed. */
const clockRead = (client: NodeClient, change: (sql: string) => string): NodeClient => ({
  ...client,
  query: (sql, row, withinMs, settings) =>
    client.query(sql.includes('now64(3)') ? change(sql) : sql, row, withinMs, settings),
});

test('a node that shows a time five seconds later than the others fails', async () => {
  const ahead = withNode('clickhouse-04', (client) =>
    clockRead(client, (sql) => sql.replace('now64(3)', 'now64(3) + toIntervalSecond(5)')),
  );
  const [clocks, ...others] = await notPassed(ahead);
  expect(others).toEqual([]);
  expect(clocks).toMatchObject({ status: 'failed', subject: 'clocks' });
  expect(clocks?.observed).toMatch(
    /^clickhouse-04 is [45]\.\d\d s or more ahead of clickhouse-0[123]$/,
  );
});

test('a node that answers after seconds is inconclusive: its clock may be right', async () => {
  const slow = withNode('clickhouse-01', (client) =>
    clockRead(client, (sql) => `${sql}, sleep(1.5) AS slept`),
  );
  expect(await notPassed(slow)).toMatchObject([{ status: 'inconclusive', subject: 'clocks' }]);
});

test('nodes that are busy for a while, one before it looks and one after it, pass in the end', async () => {
  const context = own.context();
  const busy = (client: NodeClient, name: string, before: number, after: number): NodeClient => {
    if (client.node.name !== name) return client;
    let readings = 0;
    return {
      ...client,
      async query(sql, row, withinMs, settings) {
        const isBusy = sql.includes('now64(3)') && ++readings <= 5;
        if (!isBusy) return client.query(sql, row, withinMs, settings);
        return timed(async () => {
          await delay(before);
          const rows = await client.query(sql, row, withinMs, settings);
          await delay(after);
          return [...rows];
        });
      },
    };
  };
  const nodes = context.cluster.nodes
    .map((client) => busy(client, 'clickhouse-01', 0, 700))
    .map((client) => busy(client, 'clickhouse-04', 700, 0));
  const cluster = { ...context.cluster, nodes };
  expect(await notPassed({ ...context, cluster })).toEqual([]);
});

test('how long a question waits for its turn says nothing of the clocks', async () => {
  const waiting = withNode('clickhouse-01', (client) => ({
    ...client,
    async query(sql, row, withinMs, settings) {
      await delay(600);
      const rows = await client.query(sql, row, withinMs, settings);
      await delay(600);
      return rows;
    },
  }));
  expect(await notPassed(waiting)).toEqual([]);
});

test('a single node has nothing to differ from', async () => {
  const context = own.context();
  const cluster = { ...context.cluster, nodes: context.cluster.nodes.slice(0, 1) };
  expect(await findings({ ...context, cluster })).toMatchObject([{ status: 'skipped' }]);
});

describe.skipIf(!hasServer)(
  'on servers, which show whole seconds (skipped where there are none)',
  () => {
    let servers: ReplicatedCluster;
    beforeAll(async () => {
      servers = await startServerCluster();
    });
    afterAll(() => servers?.[Symbol.asyncDispose]());

    test('clocks that agree pass, and one that is five seconds ahead fails', async (ctx) => {
      expect(await notPassed(servers.context())).toEqual([]);
      ctx.skip(!canShiftClocks, 'there is no C compiler');
      await using ahead = await clockAhead(5);
      const environment = { TZ: 'UTC', ...ahead.environment };
      await using _restarted = await restartedUnder(servers, 'clickhouse-04', environment);
      const [clocks, ...others] = await notPassed(servers.context());
      expect(others).toEqual([]);
      expect(clocks?.observed).toMatch(
        /^clickhouse-04 is [45]\.\d\d s or more ahead of clickhouse-0[123]$/,
      );
    });
  },
);
