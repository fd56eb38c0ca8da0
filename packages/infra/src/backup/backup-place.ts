import { dialectOf } from '../clickhouse/dialect.ts';
import { connectNode, type ConnectedNode } from '../clickhouse/node-client.ts';
import { quoteText } from '../clickhouse/quote.ts';
import type { Account } from '../clickhouse/route-to-node.ts';
import { BACKUPS_COLLECTION, PART_BYTES } from '../clickhouse/storage.ts';
import { openBucket, type Bucket } from '../services/bucket.ts';
import { firstOf, type ClickHouseNode, type Deployment } from '../state/deployment.ts';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';

/** A running platform, its nodes, and the bucket of its backups; close it after use. */
export interface BackupPlace extends AsyncDisposable {
  readonly deployment: Deployment;
  readonly bucket: Bucket;
  /** What stands before the keys of all that the platform has in the bucket. */
  readonly prefix: string;
  readonly shards: readonly PlatformShard[];
}

/** A shard and its replicas, in the order of their names. */
export interface PlatformShard {
  readonly shard: string;
  readonly nodes: readonly ConnectedNode[];
}

/** A node reads all rows of a table for its content. */
const TIMEOUT_MS = 3_600_000;

/**
 * Opens the place of a platform's backups.
 * @param account ClickHouse's administrator
 * @param secretKey the secret key of the bucket; the access key is in the deployment
 * @throws BackupError where its nodes have none, or what they have cannot be backed up
 */
export async function openBackupPlace(
  deployment: Deployment,
  account: Account,
  secretKey: string,
): Promise<BackupPlace> {
  const { storage, clickhouse } = deployment;
  const { capabilities } = clickhouse;
  if (storage === undefined) {
    throw new BackupError(
      `Expected a platform with a bucket, found ${deployment.name} without one. Start it with infra:up --with storage.`,
    );
  }
  if (capabilities.replication !== 'keeper') {
    throw new BackupError(
      `Expected tables that replicate themselves, found a platform with ${capabilities.replication}: its engine has no BACKUP. Start one with infra:up --replication keeper.`,
    );
  }
  if (capabilities.replicatedDatabase) {
    throw new BackupError(
      `Expected the database ${clickhouse.database} to be an Atomic one, found a Replicated one, which makes its tables itself: they cannot be restored yet. Start a platform with infra:up --database-engine atomic.`,
    );
  }
  const open = (node: ClickHouseNode): ConnectedNode =>
    connectNode(node, account, TIMEOUT_MS, PART_BYTES);
  const names = [...new Set(clickhouse.nodes.map(({ shard }) => shard))].sort();
  const shards = names.map((shard) => ({
    shard,
    nodes: clickhouse.nodes
      .filter((node) => node.shard === shard)
      .sort((left, right) => left.name.localeCompare(right.name))
      .map(open),
  }));
  const { user: accessKey, prefix = '', ...place } = storage;
  const close = async (): Promise<void> => {
    await Promise.all(shards.flatMap(({ nodes }) => nodes.map((node) => node.close())));
  };
  const opened = {
    ...{ deployment, shards, prefix, [Symbol.asyncDispose]: close },
    bucket: openBucket({ ...place, accessKey, secretKey }),
  };
  try {
    await expectCollection(opened);
    await opened.bucket.ask();
    return opened;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nodes know where backups are by their configuration. */
async function expectCollection({ deployment, shards }: BackupPlace): Promise<void> {
  const { version } = deployment.clickhouse;
  if (!dialectOf(version).cachedBuckets) {
    throw new BackupError(`Expected a ClickHouse of version 22.8 or later, found ${version}.`);
  }
  const sql = `SELECT name FROM system.named_collections WHERE name = ${quoteText(BACKUPS_COLLECTION)}`;
  for (const node of shards.flatMap(({ nodes }) => nodes)) {
    const found = await node.query(sql, z.object({ name: z.string() }));
    if (found.length > 0) continue;
    throw new BackupError(
      `Expected ${node.node.name} to know where backups are, by the named collection ${BACKUPS_COLLECTION}; it does not. Nodes read it when they start: infra:up --with storage.`,
    );
  }
}

/** The first replica of the first shard. */
export const firstNode = ({ shards, deployment }: BackupPlace): ConnectedNode => {
  const [node] = shards[0]?.nodes ?? [];
  if (node === undefined)
    throw new RangeError(`${firstOf(deployment.clickhouse.nodes).name} is in no shard`);
  return node;
};
