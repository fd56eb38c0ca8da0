/** Where nodes keep their data: on their own disk, in a bucket, or on their disk with backups in a bucket. */
export const STORAGE_TYPES = ['local_ssd', 's3_ssd', 'local_ssd_backup'] as const;

export type StorageType = (typeof STORAGE_TYPES)[number];

/** The buckets of each kind of storage. */
export const BUCKETS = { data: 'clickhouse', backups: 'clickhouse-backups' } as const;

/** Storage in an S3 server; nodes with only a local disk need no configuration. */
export interface StorageConfig {
  readonly type: Exclude<StorageType, 'local_ssd'>;
  /** URL of the S3 server. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const CACHE_BYTES = 10 * 1024 ** 3;

/**
 * Disks and the policy of new tables; every node has a folder of its own in the bucket, because
 * replicas keep their own copies.
 * Elements: https://clickhouse.com/docs/operations/storing-data
 */
export function renderStorage(
  { type, endpoint, accessKey, secretKey }: StorageConfig,
  node: string,
): Record<string, unknown> {
  const disk = (bucket: string) => ({
    type: 's3',
    endpoint: `${endpoint}/${bucket}/${node}/`,
    access_key_id: accessKey,
    secret_access_key: secretKey,
  });
  if (type === 'local_ssd_backup') {
    return {
      storage_configuration: { disks: { backups: disk(BUCKETS.backups) } },
      backups: { allowed_disk: 'backups', allowed_path: '/backups/' },
    };
  }
  return {
    storage_configuration: {
      disks: {
        s3: disk(BUCKETS.data),
        s3_cache: {
          type: 'cache',
          disk: 's3',
          path: '/var/lib/clickhouse/s3_cache/',
          max_size: CACHE_BYTES,
        },
      },
      policies: { s3_ssd: { volumes: { main: { disk: 's3_cache' } } } },
    },
    merge_tree: { storage_policy: 's3_ssd' },
  };
}
