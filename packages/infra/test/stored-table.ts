import { expect } from 'vitest';
import { docker } from '../src/docker/engine.ts';
import { ask } from './ask.ts';
import type { ContainerPlatform } from './container-platform.ts';

const NODE = 'clickhouse-01';

/** A statement that shows all rows of the table. */
export const ROWS = 'SELECT count(), sum(sipHash64(*)) FROM otus_default.kept';

/** Asks the node of a platform in containers. */
export async function query(platform: ContainerPlatform, sql: string): Promise<string> {
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  return ask(platform.ports[`${NODE}.http`] ?? 0, { user, password }, sql);
}

/** Makes a table with 1000 rows; gives what `ROWS` says of them. */
export async function fill(platform: ContainerPlatform): Promise<string> {
  const columns = '(id UInt32, name String) ENGINE = MergeTree ORDER BY id';
  const rows = 'SELECT number, toString(number) FROM numbers(1000)';
  expect(await query(platform, `CREATE TABLE otus_default.kept ${columns} EMPTY AS ${rows}`)).toBe(
    '',
  );
  expect(await query(platform, `INSERT INTO otus_default.kept ${rows}`)).toBe('');
  const filled = await query(platform, ROWS);
  expect(filled).toMatch(/^1000\t\d+$/);
  return filled;
}

/** The disks on which the table's rows are. */
export const disks = (platform: ContainerPlatform): Promise<string> =>
  query(
    platform,
    "SELECT DISTINCT disk_name FROM system.parts WHERE active AND table = 'kept' AND rows > 0",
  );

/** How many objects of the node a bucket holds; MinIO keeps each as a folder with this file. */
export async function objects(platform: ContainerPlatform, bucket: string): Promise<number> {
  const { minio = '' } = await platform.ids();
  const search = ['find', `/data/${bucket}`, '-path', `*/${NODE}/*`, '-name', 'xl.meta'];
  const found = await docker(['exec', minio, ...search]);
  return found === '' ? 0 : found.split('\n').length;
}
