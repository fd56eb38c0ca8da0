import { randomUUID } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import { connectNode, type ConnectedNode } from '../clickhouse/node-client.ts';
import { ClickHouseNodeError } from '../clickhouse/node.ts';
import { BUCKETS, type StorageType } from '../clickhouse/storage.ts';
import type { ClickHouseNode } from '../state/deployment.ts';
import { findContainer } from './containers.ts';
import { docker } from './engine.ts';

/** Of this node alone; it is gone when the proof has ended. */
const DATABASE = 'provehouse_storage_proof';
const TABLE = `${DATABASE}.written`;

/** What is proven of a platform's storage. */
export interface StorageProof {
  readonly name: string;
  readonly storage: StorageType;
  readonly node: ClickHouseNode;
  readonly secrets: Secrets;
}

/**
 * Writes a row to the storage of a node, reads it from there and deletes it. Local disks need no proof: a
 * node does not start without its own.
 * @throws ClickHouseNodeError naming the node and the disk
 */
export async function proveStorage(proof: StorageProof): Promise<void> {
  const { storage, node, secrets } = proof;
  if (storage === 'local_ssd') return;
  const { super_user_name: user, super_user_password: password } = secrets;
  const client = connectNode(node, { user, password });
  const run = (statement: string): Promise<void> => client.command(statement);
  const disk = storage === 's3_ssd' ? 's3_ssd' : 'backups';
  try {
    await run(`DROP DATABASE IF EXISTS ${DATABASE} SYNC`);
    await run(`CREATE DATABASE ${DATABASE}`);
    try {
      const value = randomUUID();
      await run(`CREATE TABLE ${TABLE} (value String) ENGINE = MergeTree ORDER BY value`);
      await run(`INSERT INTO ${TABLE} VALUES ('${value}')`);
      if (storage === 'local_ssd_backup') await passThroughBackup(proof, run);
      const found = await readPastCache(client);
      if (found !== value) throw new Error(`expected ${value}, read ${found ?? 'nothing'}`);
    } finally {
      await run(`DROP DATABASE ${DATABASE} SYNC`);
    }
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ClickHouseNodeError(
      `Expected ${node.name} to write, read and delete on ${disk}; it cannot: ${said} Look whether MinIO is well: npx nx run infra:status, infra:logs minio.`,
      { cause },
    );
  } finally {
    await client.close();
  }
}

/** What a node has of the bucket on its own disk would hide that it cannot read the bucket. */
async function readPastCache(client: ConnectedNode): Promise<string | undefined> {
  const sql = `SELECT value FROM ${TABLE} SETTINGS enable_filesystem_cache = 0`;
  const [row] = await client.query(sql, z.object({ value: z.string() }));
  return row?.value;
}

/** Brings the table into a backup, and back out of it. */
async function passThroughBackup(
  { name, node }: StorageProof,
  run: (statement: string) => Promise<void>,
): Promise<void> {
  const backup = `storage-proof-${randomUUID()}`;
  await run(`BACKUP TABLE ${TABLE} TO Disk('backups', '${backup}')`);
  try {
    await run(`DROP TABLE ${TABLE} SYNC`);
    await run(`RESTORE TABLE ${TABLE} FROM Disk('backups', '${backup}')`);
  } finally {
    // A node has no statement that deletes a backup; for MinIO an object is a folder of its drive.
    const { id } = await findContainer(name, 'minio');
    await docker(['exec', id, 'rm', '-r', `/data/${BUCKETS.backups}/${node.name}/${backup}`]);
  }
}
