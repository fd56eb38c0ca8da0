import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../test/ask.ts';
import { serverForTests } from '../../../test/clickhouse-server.ts';
import { temporaryPlatform, type TemporaryPlatform } from '../../../test/temporary-platform.ts';

const server = await serverForTests();
const wish = { engine: 'server', without: ['airflow'] } as const;

describe.skipIf(server === undefined)('servers (skipped where no ClickHouse server is)', () => {
  let platform: TemporaryPlatform;
  beforeAll(async () => {
    platform = await temporaryPlatform();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  test('they replicate, know their accounts alone, and keep their data from another engine', async () => {
    const { runtime } = platform;
    const { clickhouse } = await runtime.up(wish);
    expect(clickhouse.capabilities).toMatchObject({ replication: 'keeper', distributedDdl: true });
    const secrets = await platform.secrets();
    const su = { user: secrets.super_user_name, password: secrets.super_user_password };
    const reader = { user: secrets.bi_user_name, password: secrets.bi_user_password };
    const ports = clickhouse.nodes.map(({ httpPort }) => httpPort);
    const [first = 0, , third = 0] = ports;
    const table = 'otus_default.replicated';
    await ask(
      first,
      su,
      `CREATE TABLE ${table} ON CLUSTER dwh_test (id UInt32) ENGINE =
       ReplicatedMergeTree('/clickhouse/tables/{shard}/replicated', '{replica}') ORDER BY id`,
    );
    expect(await ask(first, su, `INSERT INTO ${table} VALUES (1), (2), (3)`)).toBe('');
    await ask(third, su, `SYSTEM SYNC REPLICA ${table}`);
    expect(await ask(third, su, `SELECT count() FROM ${table}`)).toBe('3');
    for (const port of ports) {
      expect(await ask(port, { user: 'su', password: 'wrong' }, 'SELECT 1')).toMatch(/password/i);
      expect(await ask(port, { user: 'default', password: '' }, 'SELECT 1')).toMatch(/user/i);
      expect(await ask(port, reader, 'SELECT 1')).toBe('1');
      expect(await ask(port, reader, `DROP TABLE ${table}`)).toMatch(/readonly|ACCESS_DENIED/i);
    }
    await expect(runtime.up({ engine: 'chdb' })).rejects.toThrow('engine server, not chdb');
    await runtime.down();
    await expect(runtime.up({ engine: 'chdb', without: ['airflow'] })).rejects.toThrow(
      'of the engine server coordinated by',
    );
    expect((await runtime.up({ without: ['airflow'] })).engine).toBe('server');
  });

  test('one that dies says why, although it writes that into another file', async () => {
    const { runtime } = platform;
    await runtime.up(wish);
    await runtime.down();
    // A database and not a table: 18.16 may crash when one of the threads that load tables throws.
    const databases = join(runtime.directory, 'data/clickhouse-02/metadata');
    await mkdir(join(databases, 'broken'), { recursive: true });
    await writeFile(join(databases, 'broken.sql'), 'ATTACH DATABASE');
    await expect(runtime.up(wish)).rejects.toThrow(
      /clickhouse-02 died .*[^]*Its last error, in .*clickhouse-02\.errors\.log:[^]*broken\.sql/,
    );
  });
});
