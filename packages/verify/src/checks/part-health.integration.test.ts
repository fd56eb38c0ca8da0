import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { partHealth } from './part-health.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const notPassed = async () => {
  const { findings } = await runCheck(partHealth, own.context());
  expect(findings).toHaveLength(12);
  return findings
    .filter(({ status }) => status !== 'passed')
    .map(({ status, node, subject }) => [status, node, subject?.split(', ')[1]]);
};

const pathRow = z.object({ path: z.string() });
const firstPart = async (node: string): Promise<string> => {
  const rows = await own.cluster
    .node(node)
    .query(
      `SELECT path FROM system.parts WHERE active AND table = 'hw16_demo_products_local' ORDER BY name LIMIT 1`,
      pathRow,
    );
  return rows[0]!.path;
};

test('whole, attached and few parts pass on every node', async () => {
  expect(await notPassed()).toEqual([]);
});

test('a detached part fails', async () => {
  await own.cluster.node('clickhouse-02').command(`ALTER TABLE ${LOCAL} DETACH PARTITION '202601'`);
  expect(await notPassed()).toEqual([['failed', 'clickhouse-02', 'detached parts']]);
});

/** Why this process cannot damage a node's files. */
const outOfReach = 'the files of a node are in its container';

test('a part that was set aside and whose blocks an active one has only warns', async (ctx) => {
  ctx.skip(own.deployment.runtime === 'docker', outOfReach);
  const part = await firstPart('clickhouse-02');
  await mkdir(join(part, `../detached/clone_${basename(part)}`));
  expect(await notPassed()).toEqual([['warned', 'clickhouse-02', 'detached parts']]);
});

test.for(['broken', 'ignored', 'clone'])(
  'a part that was set aside as %s and whose blocks no other has fails as the only copy',
  async (reason, ctx) => {
    ctx.skip(own.deployment.runtime === 'docker', outOfReach);
    const part = await firstPart('clickhouse-02');
    await mkdir(join(part, `../detached/${reason}_202601_99_99_0`));
    const { findings } = await runCheck(partHealth, own.context());
    const found = findings.find(({ status }) => status === 'failed');
    expect(found?.observed).toBe(`1 detached: ${reason}_202601_99_99_0 (only copy)`);
    expect(found?.reason).not.toContain('DROP');
  },
);

test('on a cluster that somebody else runs checksums are asked for only when it is said', async () => {
  const context = own.context();
  const deployment = { ...context.deployment, runtime: 'external' } as const;
  const about = async (more: object) =>
    (await runCheck(partHealth, { ...context, deployment, ...more })).findings
      .filter(({ subject }) => subject?.endsWith('checksums'))
      .map(({ status }) => status);
  expect(await about({})).toEqual(Array(4).fill('skipped'));
  expect(await about({ checkParts: true })).toEqual(Array(4).fill('passed'));
});

test('a byte changed on disk fails', async (ctx) => {
  ctx.skip(own.deployment.runtime === 'docker', outOfReach);
  const file = join(await firstPart('clickhouse-04'), 'data.bin');
  const bytes = await readFile(file);
  bytes[40]! ^= 0xff;
  await writeFile(file, bytes);
  expect(await notPassed()).toEqual([['failed', 'clickhouse-04', 'checksums']]);
});

test.each([
  [600, 'warned'],
  [1001, 'failed'],
])('%i parts in one partition: %s', async (rows, status) => {
  const { command } = own.cluster.node('clickhouse-03');
  await command(`SYSTEM STOP MERGES ${LOCAL}`);
  await command(
    `INSERT INTO ${LOCAL} SELECT * REPLACE (toDateTime('2026-06-01 00:00:00', 'UTC') AS created_at)
     FROM (${sampleRows(2001, 2000 + rows).replace(/SETTINGS.*/, '')})
     SETTINGS max_block_size = 1, max_insert_block_size = 1, min_insert_block_size_rows = 1,
       min_insert_block_size_bytes = 1`,
  );
  expect(await notPassed()).toEqual([[status, 'clickhouse-03', 'number of parts']]);
});
