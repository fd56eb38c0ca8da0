import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import { temporaryPlatform, type TemporaryPlatform } from '../../test/temporary-platform.ts';
import { nativeRuntime } from '../native/native-runtime.ts';
import type { Deployment } from '../state/deployment.ts';
import { backupFolder } from './backup-name.ts';
import { openBackupPlace, type BackupPlace } from './backup-place.ts';
import type { Manifest } from './manifest.ts';
import { listBackups, proveBackup } from './read-backups.ts';
import { removeBackup } from './remove-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const wish = { without: ['airflow'], with: ['storage'], replication: 'keeper' } as const;

let platform: TemporaryPlatform;
let deployment: Deployment;
let place: BackupPlace;
beforeAll(async () => {
  platform = await temporaryPlatform('backups');
  deployment = await platform.runtime.up(wish);
  place = await open(deployment);
});
afterAll(async () => {
  await place?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function open(described: Deployment): Promise<BackupPlace> {
  const secrets = await platform.secrets();
  const { super_user_name: user, super_user_password: password } = secrets;
  return openBackupPlace(described, { user, password }, secrets.minio_root_password);
}

const signal = new AbortController().signal;
const onPhase = (): void => undefined;

const take = (name: string, more: Partial<Parameters<typeof takeBackup>[1]> = {}) =>
  takeBackup(place, { name, signal, onPhase, ...more });
const restore = (name: string, more: Partial<Parameters<typeof restoreBackup>[1]> = {}) =>
  restoreBackup(place, { name, replace: false, signal, onPhase, ...more });

/** Asks the node of that name, the first one by default. */
async function query(sql: string, name = 'clickhouse-01'): Promise<string> {
  const node = deployment.clickhouse.nodes.find((one) => one.name === name);
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  const answer = await ask(node?.httpPort ?? 0, { user, password }, sql);
  expect(answer).not.toMatch(/DB::Exception/);
  return answer;
}

const engine = (kind: string, path: string): string =>
  `ENGINE = Replicated${kind}('/clickhouse/tables/${path}', '{replica}'`;

/** Makes tables of several kinds on all nodes. */
async function makeTables(): Promise<void> {
  const on = 'ON CLUSTER dwh_test';
  for (const sql of [
    `CREATE TABLE otus_default.events ${on} (id UInt64, v String) ${engine('MergeTree', '{uuid}/{shard}')}) ORDER BY id`,
    `CREATE TABLE otus_default.\`odd name\` ${on} (id UInt64, version UInt8, rows Nullable(Int8), double UInt64 ALIAS id * 2)
     ${engine('ReplacingMergeTree', 'odd/{shard}')}, version) ORDER BY id PARTITION BY id % 2`,
    `CREATE TABLE otus_default.all_events ${on} AS otus_default.events
     ENGINE = Distributed('dwh_test', 'otus_default', 'events', cityHash64(id))`,
    `CREATE VIEW otus_default.z_view ${on} AS SELECT id FROM otus_default.all_events`,
    // By its name it comes before what it is a view of.
    `CREATE VIEW otus_default.a_view ${on} AS SELECT count() AS rows FROM otus_default.z_view`,
    `CREATE TABLE otus_default.own ${on} (id UInt64) ENGINE = MergeTree ORDER BY id`,
  ]) {
    await query(sql);
  }
}

const fill = async (first: number, rows: number): Promise<void> => {
  await query(
    `INSERT INTO otus_default.all_events SELECT number, randomPrintableASCII(100) FROM numbers(${first}, ${rows})
     SETTINGS distributed_foreground_insert = 1`,
  );
};

const content = (): Promise<string> =>
  query('SELECT count(), sum(cityHash64(id, v)) FROM otus_default.all_events');

/** The rows of a table on each node, in the order of their names. */
const rowsOn = (table: string): Promise<string[]> =>
  Promise.all(
    deployment.clickhouse.nodes.map(({ name }) =>
      query(`SELECT count() FROM otus_default.\`${table}\``, name),
    ),
  );

/** The objects of a backup's own, by their keys. */
const objectsOf = ({ name, shards }: Manifest): string[] =>
  shards.flatMap(({ shard, objects }) =>
    objects.map(({ key }) => `${backupFolder('', name).shard(shard)}${key}`),
  );

const bytesOf = ({ shards }: Manifest): number =>
  shards.flatMap(({ objects }) => objects.map(({ size }) => size)).reduce((a, b) => a + b, 0);

test('what is backed up, and what has changed since, comes back to a shard that lost its disks', async () => {
  await makeTables();
  // A part of a shard is longer than the server takes at once.
  await fill(0, 300_000);
  await query(
    'INSERT INTO otus_default.`odd name` SELECT number % 100, number % 7, NULL FROM numbers(1000)',
  );
  const full = await take('full');
  expect(full.shards.map(({ shard }) => shard)).toEqual(['01', '02']);
  for (const { tables, takenFrom } of full.shards) {
    expect(tables.map(({ name }) => name)).toEqual(['events', 'odd name']);
    for (const { contents } of tables) {
      expect(contents.map(({ node }) => node)).toContain(takenFrom);
      expect(new Set(contents.map(({ rows, hash }) => `${rows} ${hash}`)).size).toBe(1);
      expect(contents).toHaveLength(2);
    }
  }
  expect(full.definitions.map(({ name }) => name)).toEqual(['a_view', 'all_events', 'z_view']);
  expect(full.leftOut).toEqual([{ name: 'own', why: 'no replica has the rows of MergeTree' }]);

  await fill(300_000, 1000);
  const more = await take('more', { base: 'latest' });
  expect(more.base?.name).toBe('full');
  expect(bytesOf(more)).toBeLessThan(bytesOf(full) / 20);
  const before = await content();
  expect(before).toMatch(/^301000\t/);
  const shard = ['clickhouse-02', 'clickhouse-04'];
  await platform.runtime.down();
  for (const name of shard) {
    await rm(join(platform.runtime.directory, 'data', name), { recursive: true });
  }
  await platform.runtime.up(wish);
  expect(await query('SHOW TABLES FROM otus_default', 'clickhouse-02')).toBe('');

  const restored = await restore('more');
  expect(restored.map((one) => [one.shard, one.table, one.restored])).toEqual([
    ['01', 'events', false],
    ['01', 'odd name', false],
    ['02', 'events', true],
    // Its rows were inserted into the first shard alone.
    ['02', 'odd name', false],
  ]);
  expect(restored[2]?.nodes).toEqual(shard);
  expect(await content()).toBe(before);
  expect(await query('SELECT rows FROM otus_default.a_view', 'clickhouse-04')).toBe('301000');
  // What comes later reaches both replicas, which know each other.
  await fill(301_000, 1000);
  for (const name of shard) await query('SYSTEM SYNC REPLICA otus_default.events', name);
  const [, second, , fourth] = await rowsOn('events');
  expect(second).toBe(fourth);
});

test('a replica that lost its table gets it from the other one, and nothing is doubled', async () => {
  const taken = await take('before-loss', { tables: ['events'] });
  expect(taken.definitions).toEqual([]);
  await query('DROP TABLE otus_default.events SYNC', 'clickhouse-03');
  const before = await rowsOn('events').catch(() => []);
  expect(before).toEqual([]);
  const restored = await restore('before-loss', { shards: ['01'] });
  expect(restored).toMatchObject([{ shard: '01', table: 'events', restored: false }]);
  const [first, , third] = await rowsOn('events');
  expect(first).toBe(third);
  await removeBackup(place, 'before-loss');
});

test('tables with other rows are refused, and replaced on request', async () => {
  const rows = await rowsOn('events');
  await expect(restore('full')).rejects.toThrow(
    /found \d+ other rows in events of shard 01 on clickhouse-01; .* Nothing was restored\. --replace/,
  );
  await expect(restore('full', { shards: ['07'] })).rejects.toThrow(
    'Expected shards of the backup full (01, 02) that the platform has (01, 02), found 07.',
  );
  expect(await rowsOn('events')).toEqual(rows);
  const restored = await restore('full', { replace: true });
  expect(restored.filter((one) => one.restored).map(({ table }) => table)).toEqual([
    'events',
    'events',
  ]);
  expect(await content()).toMatch(/^300000\t/);
});

test('a backup that is not whole, or was changed, is refused by name and nothing is touched', async () => {
  const { bucket } = place;
  const [more, full] = await proveBackup(place, 'more', signal);
  await fill(500_000, 100);
  const uuids =
    "SELECT groupArray((name, uuid)) FROM system.tables WHERE database = 'otus_default'";
  const [tables, rows] = [await query(uuids), await content()];
  const data = objectsOf(full!).find((key) => key.endsWith('/v.bin')) ?? '';
  const own = objectsOf(more).find((key) => key.endsWith('/.backup')) ?? '';
  const manifest = backupFolder('', 'more').manifest;
  const changes: [string, (old: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer> | undefined, RegExp][] =
    [
      [manifest, () => undefined, /^The backup more is not whole: it has no manifest\.json/],
      [
        manifest,
        (old) => Buffer.from(old.toString().replace(/"rows": \d+/, '"rows": 1')),
        /^The backup more has been changed: its manifest\.json is not as it was written/,
      ],
      [manifest, (old) => old.subarray(0, 100), /^The backup more has been changed: .*not JSON/],
      [own, () => undefined, /^The backup more is not what was written: .*\.backup is missing/],
      [own, (old) => old.subarray(1), /^The backup more is not what was written: .* bytes instead/],
      [
        data,
        (old) => Buffer.concat([old.subarray(0, -1), Buffer.from([(old.at(-1) ?? 0) ^ 1])]),
        /^The backup full, on which more is based, is not what was written: .*v\.bin has other bytes/,
      ],
      [
        backupFolder('', 'full').manifest,
        () => undefined,
        /^The backup more is based on full, which cannot be used: The backup full is not whole/,
      ],
    ];
  for (const [key, change, said] of changes) {
    const old = Buffer.from(await bucket.read(key));
    const other = change(old);
    // An object that was altered on the server's disk, and not by a request.
    if (other === undefined) await bucket.remove(key);
    else await bucket.write(key, new Uint8Array(other));
    await expect(restore('more', { replace: true }), String(said)).rejects.toThrow(said);
    await bucket.write(key, new Uint8Array(old));
  }
  await expect(restore('never-taken', { replace: true })).rejects.toThrow(
    /^There is no backup never-taken\.$/,
  );
  expect(await query(uuids)).toBe(tables);
  expect(await content()).toBe(rows);
  await proveBackup(place, 'more', signal);
});

test('of a backup that was written to meanwhile, or interrupted, nothing is left', async () => {
  let over = false;
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    for (let id = 600_000; !over; id += 1) await fill(id, 1);
  };
  const during = take('written', {
    onPhase: (phase) => {
      if (phase === 'the rows of each shard') writing = write();
    },
  });
  await expect(during).rejects.toThrow(
    /Expected nobody to write to events while it was backed up, found \d+ rows before and \d+ after/,
  );
  over = true;
  await writing;
  const interrupt = new AbortController();
  const cut = take('cut', {
    signal: interrupt.signal,
    onPhase: (phase) => {
      if (phase === 'the rows of each shard') interrupt.abort(new Error('interrupted'));
    },
  });
  await expect(cut).rejects.toThrow();
  expect((await listBackups(place)).map(({ name }) => name)).toEqual(['full', 'more']);
  expect(await place.bucket.list('backups/cut')).toEqual([]);
});

test('names, bases and platforms that do not fit are refused', async () => {
  await expect(take('full')).rejects.toThrow(/There is a backup full already/);
  await expect(take('a/b')).rejects.toThrow(/Expected the name of a backup/);
  await expect(take('other', { base: 'absent' })).rejects.toThrow('There is no backup absent.');
  await expect(take('other', { tables: ['absent'] })).rejects.toThrow(
    /found no absent among them: events, odd name\./,
  );
  await expect(removeBackup(place, 'full')).rejects.toThrow(
    'The backup more is based on full: remove that one first.',
  );
  const { storage: _, ...bare } = deployment;
  await expect(open(bare)).rejects.toThrow(/found backups without one/);
  const { clickhouse } = deployment;
  const capabilities = { ...clickhouse.capabilities, replication: 'distributed-writes' } as const;
  await expect(
    open({ ...deployment, clickhouse: { ...clickhouse, capabilities } }),
  ).rejects.toThrow(/Expected tables that replicate themselves/);
  await removeBackup(place, 'more');
  await removeBackup(place, 'full');
  expect(await place.bucket.list('backups/')).toEqual([]);
});

test('no log has a key of the bucket', async () => {
  const { minio_root_password: key } = await platform.secrets();
  const { directory } = nativeRuntime({ home: platform.home, name: 'backups' });
  const logs = await readdir(join(directory, 'logs'), { recursive: true, withFileTypes: true });
  const files = logs.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(4);
  for (const { parentPath, name } of files) {
    expect(await readFile(join(parentPath, name), 'utf8'), name).not.toContain(key);
  }
});
