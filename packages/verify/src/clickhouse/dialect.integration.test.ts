import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasServer, startServerCluster } from '../../test/replicated-cluster.ts';
import { startTestCluster } from '../../test/test-cluster.ts';
import type { NodeClient } from './cluster.ts';
import { hasFunction, hasSetting, hasSystemColumn, hasSystemTable } from './dialect.ts';

const clusters = [
  { engine: 'the embedded engine', start: startTestCluster, there: true },
  {
    engine: 'a server (skipped where there is none)',
    start: startServerCluster,
    there: hasServer,
  },
];

describe.each(clusters)('on $engine', ({ start, there }) => {
  let own: Awaited<ReturnType<typeof start>>;
  let client: NodeClient;
  beforeAll(async () => {
    if (!there) return;
    own = await start();
    client = own.cluster.node('clickhouse-01');
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  test.skipIf(!there)('what every version has is found', async () => {
    expect(await hasSystemTable(client, 'parts')).toBe(true);
    expect(await hasSystemColumn(client, 'parts', 'name')).toBe(true);
    expect(await hasFunction(client, 'uniqExact(1)')).toBe(true);
    expect(await hasSetting(client, 'max_threads')).toBe(true);
  });

  test.skipIf(!there)('what no version has is not', async () => {
    expect(await hasSystemTable(client, 'nothing')).toBe(false);
    expect(await hasSystemColumn(client, 'parts', 'nothing')).toBe(false);
    expect(await hasFunction(client, 'no_such_function()')).toBe(false);
    expect(await hasSetting(client, 'nothing')).toBe(false);
  });

  test.skipIf(!there)('what is not known for lack of an answer is an error', async () => {
    await own.runtime.stop('clickhouse-04');
    try {
      const stopped = own.cluster.node('clickhouse-04');
      await expect(hasSystemTable(stopped, 'parts')).rejects.toMatchObject({ name: 'QueryError' });
    } finally {
      await own.runtime.start('clickhouse-04');
    }
  });
});
