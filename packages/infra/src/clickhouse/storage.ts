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
  /** The bucket, and the folder in it, instead of the bucket of that kind. */
  readonly bucket?: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** The longest part of an object that the server takes at once, in bytes; ClickHouse's own sizes if absent. */
  readonly longestPartBytes?: number;
}

/** The shortest part that S3 allows: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const SHORTEST_PART_BYTES = 5 * 1024 ** 2;

/** The longest part of an object that the S3 server of a platform takes: it holds what is signed in memory. */
export const LONGEST_PART_BYTES = 10 * 1024 ** 2;

/** Settings of a statement that writes to a bucket; a disk has its own in the configuration. */
export const PART_BYTES = {
  s3_max_single_part_upload_size: String(SHORTEST_PART_BYTES),
  s3_min_upload_part_size: String(SHORTEST_PART_BYTES),
  s3_max_upload_part_size: String(LONGEST_PART_BYTES),
} as const;

const CACHE_BYTES = 10 * 1024 ** 3;

/**
 * Disks and the policy of new tables; every node has a folder of its own in the bucket, because
 * replicas keep their own copies.
 * Elements: https://clickhouse.com/docs/operations/storing-data
 */
export function renderStorage(
  { type: storage, endpoint, bucket: own, accessKey, secretKey, longestPartBytes }: StorageConfig,
  node: string,
): Record<string, unknown> {
  const disk = (type: 's3' | 's3_plain', bucket: string) => ({
    type,
    endpoint: `${endpoint}/${own ?? bucket}/${node}/`,
    access_key_id: accessKey,
    secret_access_key: secretKey,
    ...(longestPartBytes !== undefined && {
      s3_max_single_part_upload_size: SHORTEST_PART_BYTES,
      s3_min_upload_part_size: SHORTEST_PART_BYTES,
      s3_max_upload_part_size: longestPartBytes,
    }),
  });
  if (storage === 'local_ssd_backup') {
    return {
      // Plain, because what is in an ordinary bucket disk is lost when the node's own disk is.
      storage_configuration: { disks: { backups: disk('s3_plain', BUCKETS.backups) } },
      backups: { allowed_disk: 'backups', allowed_path: '/backups/' },
    };
  }
  return {
    storage_configuration: {
      disks: {
        s3: disk('s3', BUCKETS.data),
        s3_cache: {
          type: 'cache',
          disk: 's3',
          // Relative to the server's own folder of caches, outside of which it accepts none.
          path: 's3_cache/',
          max_size: CACHE_BYTES,
        },
      },
      policies: { s3_ssd: { volumes: { main: { disk: 's3_cache' } } } },
    },
  };
}

/** Settings of tables that keep their data there. */
export const mergeTreeOf = ({ type }: StorageConfig): Record<string, string> =>
  type === 's3_ssd' ? { storage_policy: 's3_ssd' } : {};

/** The named collection by which a node reaches its backups: the keys are in no statement, and so in no log. */
export const BACKUPS_COLLECTION = 'platform_backups';

/** How nodes log in at a folder of a bucket. */
export interface BucketLogin {
  /** URL of the folder. */
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Elements: https://clickhouse.com/docs/operations/backup#configuring-backuprestore-to-use-an-s3-endpoint */
export const renderBackups = ({ url, accessKey, secretKey }: BucketLogin) => ({
  ...{ url, access_key_id: accessKey, secret_access_key: secretKey },
});
