import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { LOCAL } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { reconciliation } from './reconciliation.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
});
beforeEach(async () => {
  context = platform.context(await platform.run());
});
afterAll(() => platform[Symbol.asyncDispose]());

const failed = async (given: PlatformContext): Promise<(string | undefined)[]> => {
  const { findings } = await runCheck(reconciliation, given);
  return findings.filter(({ status }) => status !== 'passed').map(({ subject }) => subject);
};
const onEachNode = (sql: string): Promise<unknown> =>
  Promise.all(platform.cluster.nodes.map((node) => node.command(sql)));

test('passes right after a run', async () => {
  expect(await failed(context)).toEqual([]);
});

test('fails in each respect when a row was deleted after the validation', async () => {
  await onEachNode(`ALTER TABLE ${LOCAL} DELETE WHERE id = 7 SETTINGS mutations_sync = 1`);
  expect(await failed(context)).toEqual([
    'total',
    'rows by category',
    'rows by node',
    'rows by partition',
  ]);
});

test('fails when a row went to another category, although the total is right', async () => {
  await onEachNode(
    `ALTER TABLE ${LOCAL} UPDATE category = if(category = 'Books', 'Home', 'Books') WHERE id = 7
     SETTINGS mutations_sync = 1`,
  );
  expect(await failed(context)).toEqual(['rows by category']);
});

test('fails when one replica alone lost a row, and names the node', async () => {
  const node = platform.cluster.node('clickhouse-03');
  await node.command(
    `ALTER TABLE ${LOCAL} DELETE WHERE id = (SELECT min(id) FROM ${LOCAL}) SETTINGS mutations_sync = 1`,
  );
  const { findings } = await runCheck(reconciliation, context);
  const byNode = findings.find(({ subject }) => subject === 'rows by node');
  expect(byNode?.observed).toMatch(/^clickhouse-03: \d+ said, \d+ found$/);
});

test('fails when the run loaded fewer rows than it was asked for', async () => {
  expect(await failed({ ...context, expectedRows: 200 })).toEqual(['rows asked for']);
});

test('fails when the run left no statistics, or statistics of another form', async () => {
  const none = { ...context, run: { ...context.run, statistics: undefined } };
  const other = { ...context, run: { ...context.run, statistics: { total: 'many' } } };
  expect(await failed(none)).toEqual(['validate_loaded_data']);
  expect(await failed(other)).toEqual(['validate_loaded_data']);
});
