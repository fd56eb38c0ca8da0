import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TopicClient } from '@provehouse/infra';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startDrillPlatform, type DrillPlatform } from '../../../test/drill-platform.ts';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import { Baselines } from '../baselines.ts';
import type { StreamDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import { drills } from '../index.ts';
import { runDrill } from '../run-drill.ts';
import { undoAll } from '../undo.ts';
import { STREAM } from './event-stream.ts';
import { POISON } from './poison.ts';
import { accountForStream } from './stream-account.ts';
import { copyTopic, messagesIn, tablesOf, topicCopyOf } from './topic-copy.ts';

const PARTITIONS = 4;

let own: DrillPlatform;
let target: DrillTarget;
let topics: TopicClient;
let folder: string;
beforeAll(async () => {
  own = await startDrillPlatform();
  ({ target, topics } = own);
  folder = await mkdtemp(join(tmpdir(), 'provehouse-stream-'));
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The drills of a run share the run without a fault. */
const baselines = new Baselines();
const run = (drill: StreamDrill) =>
  runDrill(drill, target, {
    ...{ seed: 5, baselines },
    journal: { file: join(folder, 'journal.json') },
    signal: new AbortController().signal,
    onPhase: () => undefined,
  });

const ofStream = drills.filter((drill) => drill.workload === 'stream');

test.each(ofStream.map((drill) => [drill.name, drill] as const))(
  '%s: each message is in the tables once',
  async (_, drill) => {
    const { status, findings, account } = await run(drill);
    expect(findings.filter((finding) => finding.status !== 'passed')).toEqual([]);
    expect(status).toBe('passed');
    expect(account).toMatchObject({ lost: 0, unexpected: 0, recovered: account?.attempted });
    expect(account?.attempted).toBeGreaterThan(0);
    await expectNothingLeft();
  },
);

/** A drill leaves no table and no broken component behind. */
async function expectNothingLeft(): Promise<void> {
  const states = (await own.runtime.status()).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['ready']));
  const sql = "SELECT name FROM system.tables WHERE startsWith(name, 'provehouse_drill_')";
  const found = await Promise.all(target.cluster.nodes.map((node) => node.query(sql, z.unknown())));
  expect(found.flat()).toEqual([]);
}

test('the account finds what is lost, doubled, changed and on the wrong shard, and no copy that is merged', async () => {
  const [first, second] = target.cluster.nodes;
  if (first === undefined || second === undefined) throw new TypeError('there are two nodes');
  const copy = topicCopyOf('damaged');
  const letters = messagesIn(await topics.offsets(STREAM.topic, STREAM.group));
  const events = await numberOfEvents();
  const accountNow = async () => {
    const asked = { events, isAcknowledged: true };
    const { account, findings } = await accountForStream(target, topics, copy, asked);
    const wrong = findings.filter(({ status }) => status !== 'passed');
    return { account, wrong, said: JSON.stringify(wrong) };
  };
  try {
    await copyTopic(target, topics, copy, new AbortController().signal);
    const sound = { lost: 0, unexpected: 0, attempted: letters };
    expect((await accountNow()).account).toMatchObject(sound);

    const [twice, moved, gone, changed] = await eventsOf(first, 4);
    await insertAgain(first, twice);
    expect(await rowsOf(first, twice)).toBe(2);
    expect(await accountNow()).toMatchObject({ account: sound, wrong: [] });

    await insertAgain(second, moved);
    const doubled = await accountNow();
    expect(doubled.account).toMatchObject({ lost: 0, unexpected: 1 });
    expect(doubled.wrong).toMatchObject([{ subject: 'doubled and unexpected rows' }]);
    expect(doubled.said).toContain('wrong shard');

    await change(first, STREAM.events, `DELETE WHERE id = ${gone}`);
    await change(first, STREAM.events, `UPDATE amount = amount + 1 WHERE id = ${changed}`);
    const lost = await accountNow();
    expect(lost.account).toMatchObject({ lost: 1, unexpected: 2 });
    expect(lost.said).toContain('changed');

    const dead = await Promise.all(
      [first, second].map((node) =>
        change(node, STREAM.deadLetters, "DELETE WHERE message = 'no event'"),
      ),
    );
    expect(dead).toHaveLength(2);
    const without = await accountNow();
    expect(without.account).toMatchObject({ lost: 1 + PARTITIONS, unexpected: 2 });
    expect(without.said).toContain('dead letter at ');

    const more = { events: events + 1, isAcknowledged: true };
    const { account } = await accountForStream(target, topics, copy, more);
    expect(account).toMatchObject({ lost: 2 + PARTITIONS, unexpected: 2 });
  } finally {
    await undoAll(target, [{ kind: 'tables', names: [...tablesOf(copy)] }]);
  }
});

/** The number of events on the topic: its messages without those that are none. */
async function numberOfEvents(): Promise<number> {
  const messages = messagesIn(await topics.offsets(STREAM.topic, STREAM.group));
  return messages - PARTITIONS * POISON.length;
}

const id = z.object({ id: z.coerce.number() });

async function eventsOf(node: NodeClient, count: number): Promise<number[]> {
  const sql = `SELECT id FROM otus_default.${STREAM.events} ORDER BY id LIMIT ${count}`;
  return (await node.query(sql, id)).map((row) => row.id);
}

async function rowsOf(node: NodeClient, event: number | undefined): Promise<number> {
  const sql = `SELECT id FROM otus_default.${STREAM.events} WHERE id = ${event}`;
  return (await node.query(sql, id)).length;
}

/** Puts an event, as one node has it, into a node's table, which merges nothing from now on. */
async function insertAgain(node: NodeClient, event: number | undefined): Promise<void> {
  await node.command(`SYSTEM STOP MERGES otus_default.${STREAM.events}`);
  await node.command(
    `INSERT INTO otus_default.${STREAM.events} SELECT * FROM
       clusterAllReplicas('dwh_test', 'otus_default', '${STREAM.events}') WHERE id = ${event}`,
  );
}

async function change(node: NodeClient, table: string, what: string): Promise<void> {
  await node.command(`SYSTEM START MERGES otus_default.${STREAM.events}`);
  await node.command(`ALTER TABLE otus_default.${table} ${what} SETTINGS mutations_sync = 1`);
}
