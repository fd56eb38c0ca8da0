import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { connectNode } from '@provehouse/infra/clickhouse';
import { DISTRIBUTED, LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load();
});
afterAll(() => own[Symbol.asyncDispose]());

const count = z.object({ rows: z.coerce.number() });

test('every node is asked itself, and both replicas of a shard have its rows', async () => {
  const rows = await Promise.all(
    own.cluster.nodes.map((node) => node.query(`SELECT count() AS rows FROM ${LOCAL}`, count)),
  );
  const counts = rows.flat().map((row) => row.rows);
  expect(counts[0]).toBe(counts[2]);
  expect(counts[1]).toBe(counts[3]);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(1000);
  const all = await own.cluster.nodes[3]!.query(
    `SELECT count() AS rows FROM ${DISTRIBUTED}`,
    count,
  );
  expect(all).toEqual([{ rows: 1000 }]);
});

test('a refused login is an error with its code, the node and the statement, without the password', async () => {
  const password = 'a-password-that-is-wrong';
  const client = connectNode(own.deployment.clickhouse.nodes[0]!, { user: 'su', password });
  const error: unknown = await client.query('SELECT 1 AS rows', count).catch((e: unknown) => e);
  await client.close();
  expect(error).toMatchObject({ name: 'QueryError', code: '516' });
  expect(String(error)).toMatch(/clickhouse-01[\s\S]*SELECT 1 AS rows/);
  expect(JSON.stringify(error) + String(error)).not.toContain(password);
});

test('an answer of another form than asked for is an error', async () => {
  const wrong = own.cluster.node('clickhouse-01').query("SELECT 'many' AS rows", count);
  await expect(wrong).rejects.toThrow(/another form/);
});
