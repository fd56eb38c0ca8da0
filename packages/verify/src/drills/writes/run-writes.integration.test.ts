import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { realTarget } from '../../../test/drill-target.ts';
import { editedConfig } from '../../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../../test/test-cluster.ts';
import { proof } from '../component-state.ts';
import type { Finding } from '../../verdict.ts';
import { Baselines } from '../baselines.ts';
import type { Fault, WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { readJournal, type FaultJournal } from '../fault-journal.ts';
import type { DrillResult } from '../drill-result.ts';
import { runDrill } from '../run-drill.ts';
import { scheduleOf } from '../schedule.ts';
import { PREFIX } from './drill-tables.ts';
import { batchText } from './row-content.ts';

const SEED = 7;
const NODE = 'clickhouse-03';

let own: TestCluster;
let target: DrillTarget;
let folder: string;
let journal: FaultJournal;

beforeAll(async () => {
  own = await startTestCluster();
  target = realTarget(own);
});
afterAll(() => own[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  journal = { file: join(folder, 'journal.json') };
});
afterEach(async () => {
  expect(await drillTables()).toEqual([]);
  expect(await readJournal(journal)).toBeUndefined();
  await rm(folder, { recursive: true });
});

/**
 * How long rows that a test has destroyed are waited for, in seconds. All others have the time of a real
 * drill, as suites run side by side.
 */
const NEVER_COMES_SECONDS = 5;

/** A drill whose fault is what a test does behind its back. */
const drillWith = (fault: (table: string) => Partial<Fault>): WritesDrill => ({
  ...{ name: 'of-a-test', title: 'A drill of a test', proves: 'It.', doesNotProve: 'Others.' },
  ...{ workload: 'writes', guarantee: 'single', holdSeconds: 0.1, recoverySeconds: 60 },
  unavailable: () => Promise.resolve(undefined),
  writes: () => 'either',
  fault: (_target, _schedule, table) =>
    Promise.resolve({
      undo: [],
      inject: () => Promise.resolve(),
      prove: () => Promise.resolve(proof(true, 'it happened', 'it happened')),
      ...fault(table),
    }),
});

/** What is damaged here are the tables of one drill: the workload without a fault stays what it was. */
class KeptBaselines extends Baselines {
  override forget(): void {
    // What a drill finds here is no sign that the platform has changed.
  }
}
const kept = new KeptBaselines();

const run = (drill: WritesDrill, baselines: Baselines = kept): Promise<DrillResult> =>
  runDrill(drill, target, {
    ...{ seed: SEED, journal, baselines, onPhase: () => undefined },
    signal: new AbortController().signal,
  });

/** A drill during which a statement is run on one node, on the table that it writes to. */
const runWithStatement = (statement: (table: string) => string): Promise<DrillResult> =>
  run({
    ...drillWith((table) => ({
      inject: () => own.cluster.node(NODE).command(statement(`otus_default.${table}`)),
    })),
    recoverySeconds: NEVER_COMES_SECONDS,
  });

async function drillTables(): Promise<string[]> {
  const sql = `SELECT name FROM system.tables WHERE startsWith(name, '${PREFIX}')`;
  const row = z.object({ name: z.string() });
  const found = await Promise.all(own.cluster.nodes.map((node) => node.query(sql, row)));
  return found.flat().map(({ name }) => name);
}

async function weightsOn(node: string): Promise<string | undefined> {
  const sql = `SELECT arrayStringConcat(groupArray(toString(weight)), ',') AS weights FROM
    (SELECT shard_num, any(shard_weight) AS weight FROM system.clusters
     WHERE cluster = 'dwh_test' GROUP BY shard_num ORDER BY shard_num)`;
  const [row] = await own.cluster.node(node).query(sql, z.object({ weights: z.string() }));
  return row?.weights;
}

const finding = ({ findings }: DrillResult, subject: string): Finding | undefined =>
  findings.find((one) => one.subject === subject);

const failed = ({ findings }: DrillResult): (string | undefined)[] =>
  findings.filter(({ status }) => status === 'failed').map(({ subject }) => subject);

test('a workload to which nothing happens is exact, and so is the one before it', async () => {
  const { status, account, baseline } = await run(drillWith(() => ({})));
  expect(status).toBe('passed');
  const { batchRows, before, during, after } = scheduleOf('of-a-test', SEED, own.deployment);
  const attempted = batchRows * (before + during + after);
  const exact = { attempted, acknowledged: attempted, recovered: attempted };
  expect(account).toEqual({ ...exact, lost: 0, unexpected: 0 });
  expect(baseline).toEqual(account);
});

test('a row that a replica has lost is lost, and shown', async () => {
  const result = await runWithStatement(
    (table) =>
      `ALTER TABLE ${table} DELETE WHERE id = (SELECT min(id) FROM ${table}) SETTINGS mutations_sync = 1`,
  );
  expect(result.status).toBe('failed');
  expect(result.account).toMatchObject({ lost: 1, unexpected: 0 });
  expect(failed(result)).toEqual(['recovery', 'lost rows']);
  const [evidence] = finding(result, 'lost rows')?.evidence ?? [];
  expect(evidence?.rows).toEqual([[NODE, expect.stringMatching(/^\d+$/)]]);
});

test.each([
  ['a row that was never sent', 'never sent', `toUInt64(10000000), 0, ''`],
  ['a row that is there twice', 'twice', 'id, batch, payload'],
  ['a row that is there with other content as well', 'twice', `id, batch, 'another'`],
])('%s is unexpected', async (_, why, row) => {
  const result = await runWithStatement(
    (table) => `INSERT INTO ${table} SELECT ${row} FROM ${table} LIMIT 1`,
  );
  expect(result.account).toMatchObject({ lost: 0, unexpected: 1 });
  expect(failed(result)).toContain('unexpected rows');
  expect(finding(result, 'unexpected rows')?.evidence?.[0]?.rows).toEqual([
    [NODE, expect.stringMatching(/^\d+$/), why, expect.stringMatching(/^all_/)],
  ]);
});

test.each([
  ['content', 'changed', `payload = 'x'`],
  ['batch', 'never sent', 'batch = batch + 1'],
])('a row with another %s is unexpected, and not counted as lost', async (_, why, change) => {
  const result = await runWithStatement(
    (table) =>
      `ALTER TABLE ${table} UPDATE ${change} WHERE id = (SELECT min(id) FROM ${table}) SETTINGS mutations_sync = 1`,
  );
  expect(result.account).toMatchObject({ lost: 0, unexpected: 1 });
  expect(finding(result, 'unexpected rows')?.evidence?.[0]?.rows).toEqual([
    [NODE, expect.stringMatching(/^\d+$/), why, expect.stringMatching(/^all_/)],
  ]);
});

test('a row on the wrong shard is unexpected there', async () => {
  const result = await run({
    ...drillWith((table) => ({
      async inject() {
        const row = z.object({ id: z.string(), batch: z.coerce.number(), payload: z.string() });
        const other = own.cluster.node('clickhouse-02');
        const name = `otus_default.${table}`;
        const [first] = await other.query(
          `SELECT toString(id) AS id, batch, payload FROM ${name} LIMIT 1`,
          row,
        );
        const values = `(${first?.id}, ${first?.batch}, '${first?.payload}')`;
        await own.cluster.node(NODE).command(`INSERT INTO ${name} VALUES ${values}`);
      },
    })),
    recoverySeconds: NEVER_COMES_SECONDS,
  });
  expect(finding(result, 'unexpected rows')?.evidence?.[0]?.rows).toEqual([
    [expect.any(String), expect.any(String), 'wrong shard', expect.stringMatching(/^all_/)],
  ]);
});

test('rows belong where the weights of the shards say', async () => {
  await using edits = new AsyncDisposableStack();
  for (const { name } of own.deployment.clickhouse.nodes) {
    edits.use(
      await editedConfig(own, name, 'config.xml', (text) =>
        text.replace(/<shard>\s*</, '<shard><weight>3</weight><'),
      ),
    );
  }
  const { status, account } = await run(
    drillWith(() => ({})),
    new Baselines(),
  );
  expect(status).toBe('passed');
  expect(account?.attempted).toBeGreaterThan(0);
  const sizes = await Promise.all(['clickhouse-01', 'clickhouse-02'].map(weightsOn));
  expect(sizes).toEqual(['3,1', '3,1']);
});

test('a batch that is sent again, unchanged, through another node adds nothing', async () => {
  const { batchRows } = scheduleOf('of-a-test', SEED, own.deployment);
  const result = await run(
    drillWith((table) => ({
      async inject() {
        const distributed = `otus_default.${table.replace(/_local$/, '')}`;
        const again = `INSERT INTO ${distributed} SETTINGS distributed_foreground_insert = 1 FORMAT TabSeparated\n`;
        for (const { command } of own.cluster.nodes) {
          await command(again + batchText(SEED, 0, batchRows));
        }
      },
    })),
  );
  expect(result.status).toBe('passed');
});

test('a node that ends without being a part of the fault is started again, and that is reported', async () => {
  const result = await run(
    drillWith(() => ({ inject: () => target.runtime.kill('clickhouse-02') })),
  );
  expect(result.account).toMatchObject({ lost: 0, unexpected: 0 });
  expect(result.findings).toContainEqual(
    expect.objectContaining({
      status: 'failed',
      subject: 'components that were not touched',
      node: 'clickhouse-02',
    }),
  );
});

test('while a fault destroys rows, none are sent that the node alone might have', async () => {
  const attempted: number[] = [];
  const result = await run({
    ...drillWith(() => ({})),
    destroysRows: true,
    fault: (_target, _schedule, table, workload) =>
      Promise.resolve({
        undo: [],
        async inject() {
          for (let looks = 0; looks < 20; looks += 1) {
            attempted.push(workload.attempted);
            await own.cluster.node(NODE).command(`SELECT count() FROM otus_default.${table}`);
          }
        },
        prove: () => Promise.resolve(proof(true, 'it happened', 'it happened')),
      }),
  });
  expect(result.status).toBe('passed');
  const { before } = scheduleOf('of-a-test', SEED, own.deployment);
  expect(new Set(attempted)).toEqual(new Set([before]));
});

test('a fault that did not happen proves nothing', async () => {
  const result = await run(
    drillWith(() => ({ prove: () => Promise.resolve(proof(false, 'a stopped node', 'none')) })),
  );
  expect(result.status).toBe('inconclusive');
});

test('a fault that cannot be lifted proves nothing, and is undone all the same', async () => {
  const result = await run(
    drillWith(() => ({
      undo: [{ kind: 'start', component: NODE }],
      inject: () => target.runtime.stop(NODE),
      lift: () => Promise.reject(new Error('nobody is there to lift it')),
    })),
  );
  expect(result.status).toBe('inconclusive');
  expect(result.findings).toMatchObject([{ observed: 'nobody is there to lift it' }]);
  const states = (await target.runtime.status()).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['ready']));
});

test('a platform that refuses writes before anything is broken proves nothing', async () => {
  const [, peer] = own.deployment.clickhouse.nodes;
  await using _ = await editedConfig(own, 'clickhouse-01', 'config.xml', (text) =>
    text.replace(RegExp(`(</host>\\s*<port>)${peer?.nativePort}</port>`), '$11</port>'),
  );
  const result = await run(
    drillWith(() => ({})),
    new Baselines(),
  );
  expect(result.status).toBe('inconclusive');
  expect(result.findings[0]).toMatchObject({
    status: 'inconclusive',
    subject: 'the same workload without the fault',
  });
});
